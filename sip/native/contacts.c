/* Where requests inside a dialog go to, when the Contact of the far end is an address behind a NAT or a GRUU (RFC 5627).
 *
 * The one cannot be reached, the other is a name that its registrar would have to be asked for; where the message came from can be
 * reached. A proxy that has recorded its route, or at least left a Via, reaches the Contact itself.
 */
#include <pjsip.h>

int strowger_follow_source(pjsip_rx_data *data);

/* 10/8, 172.16/12 and 192.168/16 (RFC 1918), 100.64/10 (RFC 6598). */
static pj_bool_t is_private(const pj_str_t *host)
{
    pj_in_addr address;
    pj_uint32_t number;

    if (pj_inet_pton(pj_AF_INET(), host, &address) != PJ_SUCCESS)
        return PJ_FALSE;
    number = pj_ntohl(address.s_addr);
    return number >> 24 == 10 || number >> 20 == 0xac1 || number >> 16 == 0xc0a8 || number >> 22 == 0x191;
}

/* To be called before the library reads a message that makes or changes a dialog; whether its Contact was put right. */
int strowger_follow_source(pjsip_rx_data *data)
{
    pjsip_msg *message = data->msg_info.msg;
    pjsip_contact_hdr *contact = pjsip_msg_find_hdr(message, PJSIP_H_CONTACT, NULL);
    pj_str_t source = pj_str(data->pkt_info.src_name), gruu = { "gr", 2 };
    pjsip_sip_uri *uri;

    if (!contact || contact->star || !contact->uri || !data->msg_info.via || data->msg_info.record_route ||
        (!PJSIP_URI_SCHEME_IS_SIP(contact->uri) && !PJSIP_URI_SCHEME_IS_SIPS(contact->uri)) ||
        pjsip_msg_find_hdr(message, PJSIP_H_VIA, data->msg_info.via->next))
        return 0;
    uri = pjsip_uri_get_uri(contact->uri);
    if ((!is_private(&uri->host) && !pjsip_param_find(&uri->other_param, &gruu)) || pj_strcmp(&uri->host, &source) == 0)
        return 0;
    pj_strdup(data->tp_info.pool, &uri->host, &source);
    uri->port = data->pkt_info.src_port;
    return 1;
}
