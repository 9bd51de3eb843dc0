/* Which addresses of ours a message names, decided where it is sent, because only there is known to whom.
 *
 * Who is near (on loopback, or within a local network) is told the address that faces him: the bound one, or, where every address
 * of the machine is bound, that of the way to him. Everybody else is told the outside address, where there is one. Via, Contact
 * and the session description are set so; pjsua's own idea of them does not matter.
 *
 * Beside that, what pjsua does not tell by itself: which account takes a call (each has media of one address family), whether a
 * request came over TLS, and whose certificate an address that DNS has named has to show.
 */
#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#define MOST_NETWORKS 64
#define MOST_NAMES 64
#define LONGEST_NAME 256

struct network {
    pj_sockaddr address;
    unsigned bits;
};

struct face { /* of one address family */
    char bound[LONGEST_NAME]; /* empty: every address */
    char outside[LONGEST_NAME];
    char media[LONGEST_NAME];
};

static struct face faces[2]; /* IPv4, IPv6 */
static struct network networks[MOST_NETWORKS];
static unsigned network_count;
static unsigned tls_port;
static int takers[2] = { PJSUA_INVALID_ID, PJSUA_INVALID_ID };
static int (*print_description)(pjsip_msg_body *, char *, pj_size_t);

void strowger_face(int six, const char *bound, const char *outside, const char *media);
int strowger_near(const char *address, unsigned bits);
int strowger_open(unsigned port_of_tls, int taker, int taker_of_six);
int strowger_is_secure(const pjsip_rx_data *request);
void strowger_name_hop(pjsip_tx_data *request, const pjsip_name_addr *route);

static void copy_name(char *to, const char *from)
{
    pj_size_t length = PJ_MIN(strlen(from), LONGEST_NAME - 1);

    pj_memcpy(to, from, length);
    to[length] = '\0';
}

/* How a family looks; to be called before strowger_open. */
void strowger_face(int six, const char *bound, const char *outside, const char *media)
{
    copy_name(faces[six].bound, bound);
    copy_name(faces[six].outside, outside);
    copy_name(faces[six].media, media);
}

/* A local network; returns 0 when it is none, or one too many. */
int strowger_near(const char *address, unsigned bits)
{
    struct network *network = &networks[network_count];
    pj_str_t text = pj_str((char *)address);
    int family = pj_strchr(&text, ':') ? pj_AF_INET6() : pj_AF_INET();

    if (network_count == MOST_NETWORKS || pj_sockaddr_init(family, &network->address, &text, 0) != PJ_SUCCESS)
        return 0;
    network->bits = bits;
    ++network_count;
    return 1;
}

static pj_bool_t is_within(const pj_sockaddr *address, const struct network *network)
{
    const pj_uint8_t *one = pj_sockaddr_get_addr(address), *other = pj_sockaddr_get_addr(&network->address);
    unsigned whole = network->bits / 8, rest = network->bits % 8;

    if (address->addr.sa_family != network->address.addr.sa_family || pj_memcmp(one, other, whole) != 0)
        return PJ_FALSE;
    return rest == 0 || (one[whole] ^ other[whole]) >> (8 - rest) == 0;
}

static pj_bool_t is_loopback(const pj_sockaddr *address)
{
    static const pj_uint8_t six[16] = { [15] = 1 };
    const pj_uint8_t *bytes = pj_sockaddr_get_addr(address);

    return address->addr.sa_family == pj_AF_INET() ? bytes[0] == 127 : pj_memcmp(bytes, six, sizeof(six)) == 0;
}

static pj_bool_t is_near(const pj_sockaddr *address)
{
    unsigned each;

    for (each = 0; each < network_count; ++each)
        if (is_within(address, &networks[each]))
            return PJ_TRUE;
    return is_loopback(address);
}

/* The address of ours on the way to somebody; false when there is no way. */
static pj_bool_t find_facing(const pj_sockaddr *peer, char *name)
{
    pj_sockaddr address;
    pj_sock_t sock;
    int length = sizeof(address);
    pj_bool_t found;

    if (pj_sock_socket(peer->addr.sa_family, pj_SOCK_DGRAM(), 0, &sock) != PJ_SUCCESS)
        return PJ_FALSE;
    found = pj_sock_connect(sock, peer, pj_sockaddr_get_len(peer)) == PJ_SUCCESS &&
            pj_sock_getsockname(sock, &address, &length) == PJ_SUCCESS &&
            pj_sockaddr_print(&address, name, LONGEST_NAME, 0) != NULL;
    pj_sock_close(sock);
    return found;
}

/* What one message names. */
struct names {
    int six; /* the family of whom it is sent to */
    char host[LONGEST_NAME];
    char media[2][LONGEST_NAME]; /* by family; empty: as pjsua has it */
};

static pj_bool_t find_names(const pj_sockaddr *peer, struct names *names)
{
    char own[LONGEST_NAME];
    pj_bool_t near;
    int six;

    names->six = peer->addr.sa_family == pj_AF_INET6();
    /* Who calls us by way of the outside address, ourselves to begin with, is outside. */
    near = is_near(peer) && !(pj_sockaddr_print(peer, own, LONGEST_NAME, 0) && strcmp(own, faces[names->six].outside) == 0);
    for (six = 0; six < 2; ++six) {
        copy_name(own, faces[six].bound);
        if (six == names->six && own[0] == '\0' && !find_facing(peer, own))
            return PJ_FALSE;
        if (six == names->six)
            copy_name(names->host, near || faces[six].outside[0] == '\0' ? own : faces[six].outside);
        copy_name(names->media[six], near || faces[six].media[0] == '\0' ? own : faces[six].media);
    }
    return PJ_TRUE;
}

/* A copy of a name that lasts for ever; addresses of ours are few. NULL when they are not. */
static const char *keep_name(const char *name)
{
    static char *kept[MOST_NAMES];
    static unsigned count;
    const char *found = NULL;
    unsigned each;

    PJSUA_LOCK();
    for (each = 0; each < count && !found; ++each)
        if (strcmp(kept[each], name) == 0)
            found = kept[each];
    if (!found && count < MOST_NAMES && (kept[count] = strdup(name)) != NULL)
        found = kept[count++];
    PJSUA_UNLOCK();
    return found;
}

static void set_contacts(pjsip_tx_data *message, const char *host, pj_bool_t registers)
{
    pj_bool_t secure = (message->tp_info.transport->flag & PJSIP_TRANSPORT_SECURE) != 0;
    pjsip_contact_hdr *contact = NULL;
    pjsip_sip_uri *uri;
    void *from = NULL;

    while ((contact = pjsip_msg_find_hdr(message->msg, PJSIP_H_CONTACT, from)) != NULL) {
        from = contact->next;
        if (!contact->star && contact->uri && (PJSIP_URI_SCHEME_IS_SIP(contact->uri) || PJSIP_URI_SCHEME_IS_SIPS(contact->uri))) {
            /* That of a registration belongs to it and outlives the message: it is compared with what the registrar answers. */
            const char *kept = registers ? keep_name(host) : NULL;

            if (!kept)
                contact->uri = pjsip_uri_clone(message->pool, contact->uri);
            uri = pjsip_uri_get_uri(contact->uri);
            if (kept)
                uri->host = pj_str((char *)kept);
            else
                pj_strdup2(message->pool, &uri->host, host);
            if (secure && tls_port)
                uri->port = (int)tls_port;
        }
        if (from == &message->msg->hdr)
            break;
    }
}

static void set_address(pj_pool_t *pool, const struct names *names, const pj_str_t *family, pj_str_t *address)
{
    const char *name = names->media[pj_stricmp2(family, "IP6") == 0];

    if (name[0] && pj_strcmp2(address, "0.0.0.0") != 0 && pj_strcmp2(address, "::") != 0)
        pj_strdup2(pool, address, name);
}

/* a=rtcp:port IN IP4 address (RFC 3605) */
static void set_rtcp(pj_pool_t *pool, const struct names *names, pjmedia_sdp_media *media)
{
    pjmedia_sdp_attr *attribute = pjmedia_sdp_media_find_attr2(media, "rtcp", NULL);
    pjmedia_sdp_rtcp_attr rtcp;

    if (!attribute || pjmedia_sdp_attr_get_rtcp(attribute, &rtcp) != PJ_SUCCESS || rtcp.addr.slen == 0)
        return;
    set_address(pool, names, &rtcp.addr_type, &rtcp.addr);
    attribute->value.ptr = pj_pool_alloc(pool, 2 * LONGEST_NAME);
    attribute->value.slen =
        pj_ansi_snprintf(attribute->value.ptr, 2 * LONGEST_NAME, "%u %.*s %.*s %.*s", rtcp.port, (int)rtcp.net_type.slen,
                         rtcp.net_type.ptr, (int)rtcp.addr_type.slen, rtcp.addr_type.ptr, (int)rtcp.addr.slen, rtcp.addr.ptr);
}

static void set_description(pj_pool_t *pool, const struct names *names, pjmedia_sdp_session *description)
{
    unsigned each;

    set_address(pool, names, &description->origin.addr_type, &description->origin.addr);
    if (description->conn)
        set_address(pool, names, &description->conn->addr_type, &description->conn->addr);
    for (each = 0; each < description->media_count; ++each) {
        if (description->media[each]->conn)
            set_address(pool, names, &description->media[each]->conn->addr_type, &description->media[each]->conn->addr);
        set_rtcp(pool, names, description->media[each]);
    }
}

static void set_body(pj_pool_t *pool, const struct names *names, pjsip_msg_body *body)
{
    pjsip_multipart_part *part;

    if (!body)
        return;
    if (body->print_body == print_description) {
        set_description(pool, names, body->data);
    } else if (pj_stricmp2(&body->content_type.type, "multipart") == 0) {
        for (part = pjsip_multipart_get_first_part(body); part; part = pjsip_multipart_get_next_part(body, part))
            if (part->body->print_body == print_description)
                set_description(pool, names, part->body->data);
    }
}

static pj_status_t set_names(pjsip_tx_data *message)
{
    pj_bool_t request = message->msg->type == PJSIP_REQUEST_MSG;
    const pjsip_cseq_hdr *cseq = pjsip_msg_find_hdr(message->msg, PJSIP_H_CSEQ, NULL);
    pj_bool_t registers = cseq && cseq->method.id == PJSIP_REGISTER_METHOD;
    struct names names;
    pjsip_via_hdr *via;

    if (pjsip_tx_data_is_valid(message) || !find_names(&message->tp_info.dst_addr, &names))
        return PJ_SUCCESS;
    if (request && (via = pjsip_msg_find_hdr(message->msg, PJSIP_H_VIA, NULL)) != NULL)
        pj_strdup2(message->pool, &via->sent_by.host, names.host);
    /* The contacts in an answer to REGISTER and in 3xx are not ours. */
    if (request || !(registers || PJSIP_IS_STATUS_IN_CLASS(message->msg->line.status.code, 300)))
        set_contacts(message, names.host, registers);
    set_body(message->pool, &names, message->msg->body);
    return PJ_SUCCESS;
}

static pjsip_module module = {
    .name = { "strowger-addresses", 18 },
    .id = -1,
    .priority = PJSIP_MOD_PRIORITY_TRANSPORT_LAYER + 1, /* before the message is printed */
    .on_tx_request = &set_names,
    .on_tx_response = &set_names,
};

/* The family of the first connection line of an offer, else that of the transport. */
static int family_of(const pjsip_rx_data *request)
{
    const pjsip_msg_body *body = request->msg_info.msg->body;
    const char *place = body ? body->data : NULL, *end = place ? place + body->len : NULL;

    for (; place && end - place > 8; ++place)
        if (pj_memcmp(place, "\nc=IN IP", 8) == 0)
            return place[8] == '6';
    return (request->tp_info.transport->key.type & PJSIP_TRANSPORT_IPV6) != 0;
}

static void choose_taker(const pjsip_rx_data *request, pjsua_acc_id *account)
{
    int six = family_of(request);

    *account = takers[six] != PJSUA_INVALID_ID ? takers[six] : takers[!six];
}

/* Begin; the accounts take calls whose media is of their family, -1 where that is not spoken. Returns a status of pjlib. */
int strowger_open(unsigned port_of_tls, int taker, int taker_of_six)
{
    pj_pool_t *pool = pjsua_pool_create("addresses", 1000, 1000);
    pjsip_msg_body *body;
    pj_status_t status;

    tls_port = port_of_tls;
    takers[0] = taker;
    takers[1] = taker_of_six;
    pjsua_var.ua_cfg.cb.on_acc_find_for_incoming = &choose_taker;
    status = pjsip_create_sdp_body(pool, PJ_POOL_ZALLOC_T(pool, pjmedia_sdp_session), &body);
    if (status == PJ_SUCCESS) {
        print_description = body->print_body;
        status = pjsip_endpt_register_module(pjsua_var.endpt, &module);
    }
    pj_pool_release(pool);
    return status;
}

int strowger_is_secure(const pjsip_rx_data *request)
{
    return (request->tp_info.transport->flag & PJSIP_TRANSPORT_SECURE) != 0;
}

/* The user part of a hidden route names whom DNS has found there: it is his certificate that is asked for. */
void strowger_name_hop(pjsip_tx_data *request, const pjsip_name_addr *route)
{
    static const pj_str_t hide = { "hide", 4 };
    const pjsip_sip_uri *uri = pjsip_uri_get_uri((void *)route);

    if (!request->dest_info.name.slen && uri->user.slen && pjsip_param_cfind(&uri->other_param, &hide))
        pj_strdup(request->pool, &request->dest_info.name, &uri->user);
}
