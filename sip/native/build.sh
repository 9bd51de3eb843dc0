#!/bin/sh
# Build pjsua2 for Python with the limits of config_site.h.
#
# usage: build.sh PYTHON DESTINATION
#
# Leaves pjsua2.py and _pjsua2*.so in DESTINATION. The source is $PJPROJECT_SOURCE (an unpacked pjproject 2.12 or later)
# when set, otherwise the copy inside Debian's source package "ring" with Debian's security patch. Results are cached by
# the digest of everything that shapes them, so a second build only copies two files. SANITIZE=1 builds with AddressSanitizer,
# and each piece of memory by itself instead of in pools, so that it sees where one ends. Such a library is loaded with
# LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libstdc++.so)" and
# ASAN_OPTIONS=detect_leaks=0:detect_odr_violation=0.
set -eu

python=$1
destination=$2
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/strowger
sanitize=
[ "${SANITIZE:-0}" = 0 ] || sanitize="-fsanitize=address -DPJ_POOL_DEBUG=1 -fno-omit-frame-pointer -g1"
packages="build-essential swig python3-dev libssl-dev pkg-config libopus-dev libgsm1-dev libspeex-dev libspeexdsp-dev uuid-dev"

fail() { echo "pjsua2: $*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}

install_packages() {
    missing=
    for package in $packages xz-utils patch; do
        dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
    done
    [ -z "$missing" ] && return
    echo "pjsua2: installing Debian packages:$missing"
    as_root apt-get update -qq || fail "no root to install:$missing"
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >"$work/apt.log" 2>&1 ||
        { tail -n 5 "$work/apt.log" >&2; fail "apt-get install failed"; }
}

# The system's own "deb" lines, read a second time as "deb-src", in files of our own: nothing of the system changes.
source_lists() {
    mkdir -p "$work/apt/parts" "$work/apt/lists/partial"
    for list in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
        case $list in
            *.list) [ ! -f "$list" ] || sed -n 's/^deb /deb-src /p' "$list" >"$work/apt/parts/$(basename "$list" .list).list" ;;
            *.sources) sed 's/^Types:.*/Types: deb-src/' "$list" >"$work/apt/parts/$(basename "$list")" ;;
        esac
    done
}

# Debian's source package of a name, packed.
fetch() {
    package=$1
    set -- -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$work/apt/parts" -o "Dir::State::lists=$work/apt/lists" \
        -o APT::Sandbox::User=root -o "Dir::Cache=$work/apt"
    if [ ! -d "$work/apt/parts" ]; then
        source_lists
        apt-get "$@" update -qq >"$work/apt.log" 2>&1 || true      # a repository without sources is no failure
    fi
    (cd "$work" && apt-get "$@" source --download-only -qq "$package" >>"$work/apt.log" 2>&1) || { tail -n 5 "$work/apt.log" >&2; fail "Debian's source package $package cannot be fetched"; }
}

debian_source() {
    fetch ring
    tarball=$(find "$work" -maxdepth 1 -name 'ring_*.orig.tar.*')
    patches=$(find "$work" -maxdepth 1 -name 'ring_*.debian.tar.*')
    mkdir "$work/ring"
    tar -xf "$tarball" -C "$work/ring" --wildcards '*/daemon/contrib/tarballs-unpacked/pjproject-*'
    tar -xf "$patches" -C "$work/ring" debian/patches
    source=$(dirname "$(find "$work/ring" -name configure-legacy -o -name aconfigure | head -n 1)")
    [ -f "$source/pjlib/include/pj/types.h" ] || fail "no pjproject inside the source package"
    for fix in "$work"/ring/debian/patches/CVE-*.patch; do
        sed -E 's#^(---|\+\+\+) .*/pjproject-[0-9a-f]+/#\1 a/#' "$fix" | (cd "$source" && patch -p1 -N -s) || fail "patch $(basename "$fix") does not apply"
    done
}

# Debian's libsrtp2 with the ciphers of OpenSSL instead of those of NSS, which takes five times as long for a packet.
build_srtp() {
    command -v apt-get >/dev/null || return 0      # that of the system is taken
    fetch libsrtp2 && cd "$work" && tar -xf libsrtp2_*.orig.tar.* && cd libsrtp-* &&
    CFLAGS="${sanitize:--O3} -fPIC" ./configure --enable-openssl --prefix="$work/srtp" && make libsrtp2.a && make install
}

# pjsua clears and fills the records of all the calls it could hold, 40 kB each, and again each that it begins to use; before
# that they are left untouched instead, so that they take no memory. (Memory of a fresh process is zero, and this is what the
# records are looked through for.) Nor have they room for video, which is not built.
spare_memory() {
    calls=$source/pjsip/src/pjsua-lib/pjsua_call.c
    core=$source/pjsip/src/pjsua-lib/pjsua_core.c
    media=$source/pjsip/src/pjsua-lib/pjsua_media.c
    records=$source/pjsip/include/pjsua-lib/pjsua_internal.h
    sed -i '/Init calls array/,/reset_call/d' "$calls"
    sed -i '0,/pj_bzero(&pjsua_var/s/^\([ \t]*\)pj_bzero(&pjsua_var, sizeof(pjsua_var));/\1{ static int created; if (created++) pj_bzero(\&pjsua_var, sizeof(pjsua_var)); }/' "$core"
    sed -i 's/^.*[ \t]prev_vid_si;.*$/#if PJMEDIA_HAS_VIDEO\n&\n#endif/' "$records"
    sed -i 's/^.*prov_med->prev_vid_si = .*$/#if PJMEDIA_HAS_VIDEO\n&\n#endif/' "$media"
    [ "$(grep -c 'Clear call descriptor' "$calls")" = 2 ] && grep -q 'static int created' "$core" && [ "$(grep -B 1 'prev_vid_si' "$records" "$media" | grep -c 'PJMEDIA_HAS_VIDEO$')" = 2 ]
}

# The key of DTLS-SRTP is of P-256, which takes no time to make where one of RSA takes a tenth of a second of each start. Who
# speaks DTLS-SRTP today knows it (RFC 8827 section 6.5).
make_small_key() {
    dtls=$source/pjmedia/src/pjmedia/transport_srtp_dtls.c
    sed -i -e '/Generate RSA key \*\//,/^ *rsa_key = NULL;/c\    priv_key = EVP_EC_gen("P-256");\n    if (!priv_key) goto on_error;' \
        -e 's/X509_sign(cert, priv_key, EVP_sha1())/X509_sign(cert, priv_key, EVP_sha256())/' "$dtls"
}

# A handshake of DTLS-SRTP is begun as our answer leaves, and who has not read it yet hears nothing of that: the next try comes
# soon, not after a second. The thread that tries again, those that read packets and the one that hangs up share what OpenSSL
# holds; a newer source has a lock for that.
hasten_handshakes() {
    grep -q DTLS_LOCK "$source/pjmedia/src/pjmedia/transport_srtp_dtls.c" || (cd "$source" && patch -p1 -N -s) <"$here/dtls.patch"
}

# Faults of this source, each with a test that sends what brings it out (tests/sip/test_pjproject.py). A pattern that is not
# there does nothing: a newer source has been mended.
mend() {
    transport=$source/pjsip/src/pjsip/sip_transport.c
    srtp=$source/pjmedia/src/pjmedia/transport_srtp.c
    ssl=$source/pjlib/src/pj/ssl_sock_ossl.c
    epoll=$source/pjlib/src/pj/ioqueue_epoll.c
    media=$source/pjsip/src/pjsua-lib/pjsua_media.c
    timers=$source/pjlib/src/pj/timer.c
    # A secure transport without a listener of its own returns with the lock of all transports held.
    sed -i '/^ *if (flag & PJSIP_TRANSPORT_SECURE) {/,/^ *}/d' "$transport"
    # RTCP that comes before there is a stream.
    sed -i 's/^\([ \t]*\)srtp->rtcp_cb(srtp->user_data, pkt, size);/\1if (srtp->rtcp_cb) srtp->rtcp_cb(srtp->user_data, pkt, size);/' "$srtp"
    # What is told of an SRTP session that has been freed.
    sed -i -E 's/^([ \t]*(\} else )?if \()(srtp->srtp_[rt]x_ctx && srtp->[rt]x_ssrc != 0\))/\1srtp->session_inited \&\& \3/' "$srtp"
    # Tags of keys are places in an array, and begin with 1.
    sed -i 's/if (loc_tag > \*count)/if (loc_tag < 1 || loc_tag > *count)/' "$source/pjmedia/src/pjmedia/transport_srtp_sdes.c"
    # Each handshake reads the certificate: a new one counts from the next connection on.
    sed -i 's/^#define SERVER_SUPPORT_SESSION_REUSE .*/#define SERVER_SUPPORT_SESSION_REUSE 0/' "$ssl"
    # What comes to a socket that nobody reads yet puts the thread that reads those of all calls to sleep for half a second.
    sed -i 's/^\([ \t]*\)pj_thread_sleep(msec);/\1pj_thread_sleep(1);/' "$epoll"
    # Packets of Opus are kept in buffers that are as long as their samples at the rate of the stream, which may be less.
    sed -i 's#\* 2 /\* bytes per sample \*/);#* 2 + PJMEDIA_MAX_MRU);#' "$source/pjmedia/src/pjmedia-codec/opus.c"
    # A timer that does not run has its place in front of their array.
    sed -i 's/^\([ \t]*grp_lock = \)\(timer_copy->_grp_lock;\)/\1entry->_timer_id < 1 ? NULL : \2/' "$timers"
    # A call that ends while its media is changed keeps a second pointer to the stream that is freed.
    sed -i '/^static void stop_media_stream/,/^}/s/^\([ \t]*\)pjsua_aud_stop_stream(call_med);/\1pjmedia_stream *gone = call_med->strm.a.stream; unsigned place;\n\n\1pjsua_aud_stop_stream(call_med);\n\1for (place = 0; gone \&\& place < PJSUA_MAX_CALL_MEDIA; ++place) {\n\1    if (call->media[place].strm.a.stream == gone) { call->media[place].strm.a.stream = NULL; call->media[place].strm.a.conf_slot = PJSUA_INVALID_ID; }\n\1    if (call->media_prov[place].strm.a.stream == gone) { call->media_prov[place].strm.a.stream = NULL; call->media_prov[place].strm.a.conf_slot = PJSUA_INVALID_ID; }\n\1}/' "$media"
}

# RTP ports come from guard.c, which lets them rest.
rest_ports() {
    media=$source/pjsip/src/pjsua-lib/pjsua_media.c
    sed -i -e 's/RTP_RETRY = 100$/RTP_RETRY = 5000/' \
        -e '/^static pj_status_t create_rtp_rtcp_sock/,/^}/s#^\([ \t]*\)/\* Create RTP socket\. \*/#\1if (cfg->port > 0 \&\& cfg->port_range > 0 \&\& !(acc->next_rtp_port = (pj_uint16_t)strowger_rested_port(cfg->port, cfg->port_range))) return PJ_ETOOMANY;#' \
        -e '0,/^#define THIS_FILE/s/^#define THIS_FILE/unsigned strowger_rested_port(unsigned first, unsigned range);\n&/' "$media"
    grep -q 'return PJ_ETOOMANY' "$media"
}

# Whose certificate a hop has to show is asked of addresses.c.
name_hops() {
    util=$source/pjsip/src/pjsip/sip_util.c
    sed -i -e '/^PJ_DEF(pj_status_t) pjsip_process_route_set/,/^}/s#^\([ \t]*\)/\* Fill up the destination host/port from the URI\. \*/#\1if (topmost_route_uri \&\& (PJSIP_URI_SCHEME_IS_SIP(topmost_route_uri) || PJSIP_URI_SCHEME_IS_SIPS(topmost_route_uri))) strowger_name_hop(tdata, topmost_route_uri);#' \
        -e '0,/^#define THIS_FILE/s/^#define THIS_FILE/void strowger_name_hop(pjsip_tx_data *request, const pjsip_name_addr *route);\n&/' "$util"
    [ "$(grep -c 'strowger_name_hop' "$util")" = 2 ]
}

# Frames of Opus are as long as opus.c wants them.
fit_packets() {
    description=$source/pjmedia/src/pjmedia/stream_info.c
    sed -i -e 's/frm_per_pkt = (pj_strtoul(&tmp_val)/frm_per_pkt = (strowger_packet_time(si, pj_strtoul(\&tmp_val))/' \
        -e '0,/^static const pj_str_t/s/^static const pj_str_t/unsigned strowger_packet_time(pjmedia_stream_info *info, unsigned wanted);\n&/' "$description"
    [ "$(grep -c 'strowger_packet_time' "$description")" = 2 ]
}

build_library() {
    spare_memory && make_small_key && hasten_handshakes && mend && rest_ports && name_hops && fit_packets &&
    cp "$here/config_site.h" "$source/pjlib/include/pj/config_site.h" &&
    build_srtp && cd "$source" &&
    CFLAGS="${sanitize:--O3} -fPIC -DNDEBUG -I$work/srtp/include" LDFLAGS="${sanitize:+-fsanitize=address} -L$work/srtp/lib -lcrypto" ./configure --enable-epoll --disable-video --disable-sound --disable-v4l2 --disable-ffmpeg \
        --disable-sdl --disable-openh264 --disable-libyuv --disable-libwebrtc --disable-silk --disable-opencore-amr \
        --disable-bcg729 --disable-ilbc-codec --disable-g7221-codec --disable-speex-aec \
        --with-external-gsm --with-external-speex --with-external-srtp &&
    make dep &&
    make -j "$(nproc)" lib
}

# The value of an expression over pjproject's own make variables.
make_value() {
    printf 'include %s/build.mak\nall: ; @echo %s\n' "$source" "$1" | make -s -f -
}

# -threads: every call releases the GIL, else pjsip's lock and the GIL deadlock.
# --whole-archive: C functions that the binding does not use itself stay exported for ctypes.
build_binding() {
    cd "$source/pjsip-apps/src/swig"
    mkdir -p python
    flags=$(make_value '$(PJ_CXXFLAGS)')
    suffix=$("$python" -c 'import sysconfig; print(sysconfig.get_config_var("EXT_SUFFIX"))')
    # shellcheck disable=SC2046,SC2086
    swig $(make_value '$(filter -I% -D%,$(PJ_CXXFLAGS))') -w312,315,325,362,389,401,473,509,516 -c++ -python -threads \
        -DSWIG_NO_EXPORT_ITERATOR_METHODS -o python/pjsua2_wrap.cpp pjsua2.i &&
    for part in guard contacts addresses opus; do
        gcc -c -fPIC -O2 $sanitize -Wall -Wextra -Werror -Wno-unused-parameter $(make_value '$(filter -I% -D%,$(PJ_CXXFLAGS))') "$here/$part.c" -o "python/$part.o" || return 1
    done &&
    g++ -shared -fPIC -O1 $sanitize -w $flags -I"$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')" \
        python/pjsua2_wrap.cpp python/guard.o python/contacts.o python/addresses.o python/opus.o -o "python/_pjsua2$suffix" $(make_value '$(PJ_LDXXFLAGS)') -Wl,--allow-multiple-definition \
        -Wl,--wrap=pjmedia_transport_udp_attach -Wl,--wrap=pj_sock_close \
        -Wl,--whole-archive $(make_value '$(filter -lpj% -lresample%,$(PJ_LDXXLIBS))') -Wl,--no-whole-archive \
        $(make_value '$(filter-out -lpj% -lresample%,$(PJ_LDXXLIBS))') &&
    cp python/pjsua2.py "python/_pjsua2$suffix" "$product/"
}

command -v apt-get >/dev/null || [ -n "${PJPROJECT_SOURCE:-}" ] || fail "needs Debian or Ubuntu, or PJPROJECT_SOURCE"
identity=$("$python" -c 'import sysconfig, platform; print(sysconfig.get_config_var("EXT_SUFFIX"), platform.libc_ver())')
key=$( (cat "$here"/*; echo "$identity ${PJPROJECT_SOURCE:-debian}$sanitize") | sha256sum | cut -c 1-16)
product=$cache/pjsua2-$key

if [ ! -f "$product/complete" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    install_packages
    mkdir -p "$product"
    if [ -n "${PJPROJECT_SOURCE:-}" ]; then
        source=$work/pjproject
        cp -r "$PJPROJECT_SOURCE" "$source"
    else
        debian_source
    fi
    echo "pjsua2: building $(basename "$source") (about two minutes)"
    log=$cache/pjsua2-build.log
    (build_library) >"$log" 2>&1 || { tail -n 20 "$log" >&2; fail "the library does not build; whole log: $log"; }
    (build_binding) >>"$log" 2>&1 || { tail -n 20 "$log" >&2; fail "the binding does not build; whole log: $log"; }
    touch "$product/complete"
fi
mkdir -p "$destination"
install -m 644 "$product"/pjsua2.py "$product"/_pjsua2*.so "$destination/"      # new files: a running switch keeps its own
