/* What pjmedia leaves open between a socket and a call, closed where the linker lets us in (-Wl,--wrap).
 *
 * A filter stands between each pair of media sockets and whatever reads them (SRTP or the stream). It latches once: to the
 * address that the session description names as soon as that is heard, or else to the first other source that sends a
 * plausible run of RTP, as phones behind a NAT do. From then on all others are dropped. A source that has fallen silent may
 * be followed to another address only by somebody who goes on with its SSRC and sequence: a NAT that has changed its mind.
 *
 * Ports rest after use, so that what is still sent to a call that is over is not heard in the next one; and who goes on
 * sending beyond that is not taken for the far end of the next call, unless its description names him.
 */
#include <pjlib.h>
#include <pjmedia.h>
#include <time.h>

#define MOST_CANDIDATES 4
#define RUN 3                   /* packets in sequence that make a source plausible */
#define WINDOW 50               /* how far a sequence number may be ahead of the last one */
#define QUIET 1000              /* milliseconds after which a silent source may have moved */
#define SHORTEST_PTIME 10       /* milliseconds of a packet; while the source moved it may have gone on talking */
#define RUNAWAY 6000            /* packets at most that may have been missed so */
#define SHORTEST_RTP 12
#define PORTS 65536
#define LEASE 300000            /* milliseconds until a port that was handed out is tried again, should nobody have closed it */

#define MEMORY 600000           /* milliseconds for which it is remembered whom the last call of a port has heard */

struct candidate {
    pj_sockaddr from;
    pj_uint32_t ssrc;
    pj_uint16_t sequence;
    unsigned run;
};

struct filter {
    pjmedia_transport base;
    pjmedia_transport *sockets;
    pj_pool_t *pool;
    pj_lock_t *lock;            /* the reader changes on pjsua's thread, packets come on pjmedia's */
    void *reader;
    void (*on_rtp)(void *, void *, pj_ssize_t);
    void (*on_rtp2)(pjmedia_tp_cb_param *);
    void (*on_rtcp)(void *, void *, pj_ssize_t);
    pj_sockaddr declared;       /* what the session description names */
    pj_sockaddr source;
    pj_bool_t latched;
    pj_uint32_t ssrc;
    pj_uint16_t sequence;
    pj_uint64_t heard;          /* when the source was last heard, in milliseconds */
    struct candidate candidates[MOST_CANDIDATES];
    unsigned next;
    unsigned port;              /* ours; 0: unknown */
};

struct farewell {
    pj_sockaddr from;           /* whom the call has heard, or else whom it was told of */
    pj_bool_t heard;
    pj_uint32_t ssrc;
    pj_uint64_t at;
};

unsigned long strowger_strangers;       /* packets dropped because they came from elsewhere */
unsigned long strowger_leftovers;       /* those of them that were meant for the call before */
static unsigned rest_milliseconds = 30000;
static unsigned first_port, last_port;
static pj_uint64_t closed_at[PORTS];    /* when an RTP port was closed last; 0: never */
static pj_uint64_t handed_at[PORTS];    /* when it was handed out last */
static struct farewell farewells[PORTS]; /* whom the last call of it has heard */

pj_status_t __real_pjmedia_transport_udp_attach(pjmedia_endpt *, const char *, const pjmedia_sock_info *, unsigned,
                                                pjmedia_transport **);
pj_status_t __real_pj_sock_close(pj_sock_t);
pj_status_t __wrap_pjmedia_transport_udp_attach(pjmedia_endpt *, const char *, const pjmedia_sock_info *, unsigned,
                                                pjmedia_transport **);
pj_status_t __wrap_pj_sock_close(pj_sock_t);
void strowger_rest_ports(unsigned milliseconds);
unsigned strowger_rested_port(unsigned first, unsigned range);

static pj_uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (pj_uint64_t)time.tv_sec * 1000 + (pj_uint64_t)time.tv_nsec / 1000000 + 1;
}

/* Ports */

void strowger_rest_ports(unsigned milliseconds)
{
    rest_milliseconds = milliseconds;
}

/* The next even port of a range that has rested, 0 when there is none. Called under pjsua's lock. */
unsigned strowger_rested_port(unsigned first, unsigned range)
{
    static unsigned cursor;
    unsigned pairs, tried, port, place;
    pj_uint64_t time = now(), closed;

    if (first == 0 || first + range >= PORTS)
        return 0;
    first_port = first;
    last_port = first + range;
    pairs = (range + 1) / 2;
    for (tried = 0; tried < pairs; ++tried) {
        place = cursor++ % pairs;
        port = first + 2 * place;
        closed = __atomic_load_n(&closed_at[port], __ATOMIC_RELAXED);
        if (closed && time - closed < rest_milliseconds)
            continue;
        if (handed_at[port] > closed && time - handed_at[port] < LEASE)
            continue;
        handed_at[port] = time;
        return port;
    }
    return 0;
}

pj_status_t __wrap_pj_sock_close(pj_sock_t sock)
{
    pj_sockaddr address;
    int length = sizeof(address);
    unsigned port;

    if (last_port && pj_sock_getsockname(sock, &address, &length) == PJ_SUCCESS) {
        port = pj_sockaddr_get_port(&address);
        if (port >= first_port && port <= last_port)
            __atomic_store_n(&closed_at[port], now(), __ATOMIC_RELAXED);
    }
    return __real_pj_sock_close(sock);
}

/* The latch */

/* Whether a packet may be the next one after another, or after the many that were missed. */
static pj_bool_t follows(pj_uint16_t before, pj_uint16_t after, pj_uint64_t missed)
{
    return (pj_uint16_t)(after - before - 1) < WINDOW + missed;
}

static void latch(struct filter *filter, const pj_sockaddr *from, pj_uint32_t ssrc, pj_uint16_t sequence)
{
    pj_sockaddr_cp(&filter->source, from);
    filter->latched = PJ_TRUE;
    filter->ssrc = ssrc;
    filter->sequence = sequence;
    filter->heard = now();
}

/* Whether a source that is not the declared one has sent a run of packets. */
static pj_bool_t is_plausible(struct filter *filter, const pj_sockaddr *from, pj_uint32_t ssrc, pj_uint16_t sequence)
{
    struct candidate *candidate;
    unsigned place;

    for (place = 0; place < MOST_CANDIDATES; ++place) {
        candidate = &filter->candidates[place];
        if (candidate->run == 0 || candidate->ssrc != ssrc || pj_sockaddr_cmp(&candidate->from, from) != 0)
            continue;
        candidate->run = follows(candidate->sequence, sequence, 0) ? candidate->run + 1 : 1;
        candidate->sequence = sequence;
        return candidate->run >= RUN;
    }
    candidate = &filter->candidates[filter->next++ % MOST_CANDIDATES];
    pj_sockaddr_cp(&candidate->from, from);
    candidate->ssrc = ssrc;
    candidate->sequence = sequence;
    candidate->run = 1;
    return PJ_FALSE;
}

/* Whether a source still sends to the call that had the port before. */
static pj_bool_t is_left_over(const struct filter *filter, const pj_sockaddr *from, pj_uint32_t ssrc)
{
    const struct farewell *last = &farewells[filter->port];

    if (!filter->port || !last->at || now() - last->at > MEMORY || pj_sockaddr_cmp(&last->from, from) != 0)
        return PJ_FALSE;
    if (last->heard && last->ssrc != ssrc)
        return PJ_FALSE;
    __atomic_fetch_add(&strowger_leftovers, 1, __ATOMIC_RELAXED);
    return PJ_TRUE;
}

/* Whether a packet is from whom we speak with. */
static pj_bool_t admit(struct filter *filter, const pj_sockaddr *from, const pj_uint8_t *packet, pj_ssize_t size)
{
    pj_bool_t known = filter->latched && pj_sockaddr_cmp(&filter->source, from) == 0;
    pj_bool_t is_rtp = size >= SHORTEST_RTP && packet[0] >> 6 == 2;
    pj_uint32_t ssrc;
    pj_uint16_t sequence;

    if (!is_rtp) /* DTLS proves by itself who it is from; a keep-alive says nothing */
        return known || !filter->latched || pj_sockaddr_cmp(&filter->declared, from) == 0;
    sequence = (pj_uint16_t)(packet[2] << 8 | packet[3]);
    ssrc = (pj_uint32_t)packet[8] << 24 | (pj_uint32_t)packet[9] << 16 | (pj_uint32_t)packet[10] << 8 | packet[11];
    if (!known && pj_sockaddr_cmp(&filter->declared, from) != 0) {
        if (filter->latched) {
            pj_uint64_t silent = now() - filter->heard;

            if (silent < QUIET || ssrc != filter->ssrc ||
                !follows(filter->sequence, sequence, PJ_MIN(silent / SHORTEST_PTIME, RUNAWAY)))
                return PJ_FALSE;
        } else if (is_left_over(filter, from, ssrc) || !is_plausible(filter, from, ssrc, sequence)) {
            return PJ_FALSE;
        }
    }
    latch(filter, from, ssrc, sequence);
    return PJ_TRUE;
}

/* Whether the header of what looks like RTP ends within the packet (RFC 3550 section 5.1): sources and extension counted. */
static pj_bool_t is_whole(const pj_uint8_t *packet, pj_ssize_t size)
{
    pj_ssize_t length;

    if (size < 1 || packet[0] >> 6 != 2)
        return PJ_TRUE; /* DTLS, or a keep-alive */
    length = SHORTEST_RTP + 4 * (packet[0] & 0x0f);
    if (size < length)
        return PJ_FALSE;
    if (packet[0] & 0x10) {
        if (size < length + 4)
            return PJ_FALSE;
        length += 4 + 4 * (packet[length + 2] << 8 | packet[length + 3]);
    }
    return size >= length;
}

static void take_rtp(pjmedia_tp_cb_param *packet)
{
    struct filter *filter = packet->user_data;
    pjmedia_tp_cb_param passed = *packet;
    void (*on_rtp)(void *, void *, pj_ssize_t);
    void (*on_rtp2)(pjmedia_tp_cb_param *);
    pj_bool_t admitted;

    if (packet->size > 0 && !is_whole(packet->pkt, packet->size))
        return;
    pj_lock_acquire(filter->lock);
    admitted = packet->size < 0 || packet->src_addr == NULL || admit(filter, packet->src_addr, packet->pkt, packet->size);
    passed.user_data = filter->reader;
    on_rtp = filter->on_rtp;
    on_rtp2 = filter->on_rtp2;
    pj_lock_release(filter->lock);

    if (!admitted) {
        __atomic_fetch_add(&strowger_strangers, 1, __ATOMIC_RELAXED);
    } else if (on_rtp2) {
        on_rtp2(&passed);
        packet->rem_switch = passed.rem_switch;
    } else if (on_rtp) {
        on_rtp(passed.user_data, packet->pkt, packet->size);
    }
}

/* RTCP comes from the host that RTP comes from. */
static void take_rtcp(void *user_data, void *packet, pj_ssize_t size)
{
    struct filter *filter = user_data;
    pjmedia_transport_info info;
    void (*on_rtcp)(void *, void *, pj_ssize_t);
    const pj_sockaddr *host;
    void *reader;
    pj_bool_t admitted = PJ_TRUE;

    pjmedia_transport_info_init(&info);
    pj_lock_acquire(filter->lock);
    host = filter->latched ? &filter->source : &filter->declared;
    if (size >= 0 && pj_sockaddr_has_addr(host) && pjmedia_transport_get_info(filter->sockets, &info) == PJ_SUCCESS &&
        pj_sockaddr_has_addr(&info.src_rtcp_name))
        admitted = info.src_rtcp_name.addr.sa_family == host->addr.sa_family &&
                   pj_memcmp(pj_sockaddr_get_addr(&info.src_rtcp_name), pj_sockaddr_get_addr(host),
                             pj_sockaddr_get_addr_len(host)) == 0;
    on_rtcp = filter->on_rtcp;
    reader = filter->reader;
    pj_lock_release(filter->lock);

    if (!admitted)
        __atomic_fetch_add(&strowger_strangers, 1, __ATOMIC_RELAXED);
    else if (on_rtcp)
        on_rtcp(reader, packet, size);
}

/* The filter as a transport */

static pj_status_t attach(pjmedia_transport *transport, pjmedia_transport_attach_param *wanted)
{
    struct filter *filter = (struct filter *)transport;
    pjmedia_transport_attach_param passed = *wanted;

    pj_lock_acquire(filter->lock);
    filter->reader = wanted->user_data;
    filter->on_rtp = wanted->rtp_cb;
    filter->on_rtp2 = wanted->rtp_cb2;
    filter->on_rtcp = wanted->rtcp_cb;
    pj_bzero(&filter->declared, sizeof(filter->declared));
    if (wanted->addr_len)
        pj_sockaddr_cp(&filter->declared, &wanted->rem_addr);
    filter->latched = PJ_FALSE;
    pj_bzero(filter->candidates, sizeof(filter->candidates));
    pj_lock_release(filter->lock);

    passed.user_data = filter;
    passed.rtp_cb = NULL;
    passed.rtp_cb2 = &take_rtp;
    passed.rtcp_cb = &take_rtcp;
    return pjmedia_transport_attach2(filter->sockets, &passed);
}

static void detach(pjmedia_transport *transport, void *reader)
{
    struct filter *filter = (struct filter *)transport;

    PJ_UNUSED_ARG(reader);
    pjmedia_transport_detach(filter->sockets, filter);
    pj_lock_acquire(filter->lock);
    filter->reader = NULL;
    filter->on_rtp = NULL;
    filter->on_rtp2 = NULL;
    filter->on_rtcp = NULL;
    pj_lock_release(filter->lock);
}

/* The source of media is whom we listen to, not whoever has sent the last packet. */
static pj_status_t get_info(pjmedia_transport *transport, pjmedia_transport_info *info)
{
    struct filter *filter = (struct filter *)transport;
    pj_status_t status = pjmedia_transport_get_info(filter->sockets, info);

    pj_lock_acquire(filter->lock);
    if (status == PJ_SUCCESS && filter->latched)
        pj_sockaddr_cp(&info->src_rtp_name, &filter->source);
    pj_lock_release(filter->lock);
    return status;
}

static pj_status_t send_rtp(pjmedia_transport *transport, const void *packet, pj_size_t size)
{
    return pjmedia_transport_send_rtp(((struct filter *)transport)->sockets, packet, size);
}

static pj_status_t send_rtcp(pjmedia_transport *transport, const void *packet, pj_size_t size)
{
    return pjmedia_transport_send_rtcp(((struct filter *)transport)->sockets, packet, size);
}

static pj_status_t send_rtcp2(pjmedia_transport *transport, const pj_sockaddr_t *to, unsigned length, const void *packet,
                              pj_size_t size)
{
    return pjmedia_transport_send_rtcp2(((struct filter *)transport)->sockets, to, length, packet, size);
}

static pj_status_t create_media(pjmedia_transport *transport, pj_pool_t *pool, unsigned options,
                                const pjmedia_sdp_session *remote, unsigned line)
{
    return pjmedia_transport_media_create(((struct filter *)transport)->sockets, pool, options, remote, line);
}

static pj_status_t encode_sdp(pjmedia_transport *transport, pj_pool_t *pool, pjmedia_sdp_session *local,
                              const pjmedia_sdp_session *remote, unsigned line)
{
    return pjmedia_transport_encode_sdp(((struct filter *)transport)->sockets, pool, local, remote, line);
}

static pj_status_t start_media(pjmedia_transport *transport, pj_pool_t *pool, const pjmedia_sdp_session *local,
                               const pjmedia_sdp_session *remote, unsigned line)
{
    return pjmedia_transport_media_start(((struct filter *)transport)->sockets, pool, local, remote, line);
}

static pj_status_t stop_media(pjmedia_transport *transport)
{
    return pjmedia_transport_media_stop(((struct filter *)transport)->sockets);
}

static pj_status_t simulate_loss(pjmedia_transport *transport, pjmedia_dir direction, unsigned percent)
{
    return pjmedia_transport_simulate_lost(((struct filter *)transport)->sockets, direction, percent);
}

static pj_status_t destroy(pjmedia_transport *transport)
{
    struct filter *filter = (struct filter *)transport;
    struct farewell *last = &farewells[filter->port];

    if (filter->port) {
        pj_sockaddr_cp(&last->from, filter->latched ? &filter->source : &filter->declared);
        last->heard = filter->latched;
        last->ssrc = filter->ssrc;
        last->at = pj_sockaddr_has_addr(&last->from) ? now() : 0;
    }
    pjmedia_transport_close(filter->sockets);
    pj_lock_destroy(filter->lock);
    pj_pool_release(filter->pool);
    return PJ_SUCCESS;
}

static pjmedia_transport_op operations = {
    .get_info = &get_info,
    .detach = &detach,
    .send_rtp = &send_rtp,
    .send_rtcp = &send_rtcp,
    .send_rtcp2 = &send_rtcp2,
    .media_create = &create_media,
    .encode_sdp = &encode_sdp,
    .media_start = &start_media,
    .media_stop = &stop_media,
    .simulate_lost = &simulate_loss,
    .destroy = &destroy,
    .attach2 = &attach,
};

pj_status_t __wrap_pjmedia_transport_udp_attach(pjmedia_endpt *endpoint, const char *name, const pjmedia_sock_info *sockets,
                                                unsigned options, pjmedia_transport **transport)
{
    struct filter *filter;
    pj_pool_t *pool;
    pj_status_t status;
    pj_sockaddr ours;
    int length = sizeof(ours);

    status = __real_pjmedia_transport_udp_attach(endpoint, name, sockets, options, transport);
    if (status != PJ_SUCCESS)
        return status;
    pool = pjmedia_endpt_create_pool(endpoint, "filter%p", 1000, 1000);
    filter = PJ_POOL_ZALLOC_T(pool, struct filter);
    filter->pool = pool;
    filter->sockets = *transport;
    if (pj_sock_getsockname(sockets->rtp_sock, &ours, &length) == PJ_SUCCESS)
        filter->port = pj_sockaddr_get_port(&ours);
    status = pj_lock_create_simple_mutex(pool, "filter", &filter->lock);
    if (status != PJ_SUCCESS) {
        pjmedia_transport_close(*transport); /* and with it the sockets, which the caller then must not close */
        pj_pool_release(pool);
        *transport = NULL;
        return status;
    }
    pj_memcpy(filter->base.name, pool->obj_name, PJ_MAX_OBJ_NAME);
    filter->base.type = (*transport)->type;
    filter->base.op = &operations;
    *transport = &filter->base;
    return PJ_SUCCESS;
}

#if PJ_POOL_DEBUG
/* A macro then, which nobody finds by its name. */
#undef pj_pool_release
void pj_pool_release(pj_pool_t *pool) { pj_pool_release_imp(pool); }
#endif
