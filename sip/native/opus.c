/* How long packets of Opus are: pjmedia fills them with frames of 20 ms whatever is wanted (RFC 7587 section 7). And what is
 * in them. */
#include <pjmedia-codec.h>
#include <pjsua-lib/pjsua.h>

#define LONGEST 120 /* milliseconds of a packet (RFC 6716 section 2) */
#define SHORT 10    /* milliseconds of the frames that 10, 30 and 50 are made of */

unsigned strowger_packet_time(pjmedia_stream_info *info, unsigned wanted);
int strowger_opus_terms(unsigned rate, unsigned bits);

/* The milliseconds that a far end gets which wants so many; the frames of its stream, not opened yet, are made to fit. */
unsigned strowger_packet_time(pjmedia_stream_info *info, unsigned wanted)
{
    if (pj_stricmp2(&info->fmt.encoding_name, "opus") != 0)
        return wanted;
    if (wanted % info->param->info.frm_ptime)
        info->param->info.frm_ptime = SHORT;
    return PJ_MIN(wanted, LONGEST);
}

/* Have streams made with the rate of who takes their audio, in Hz, and so many bits a second, and the far end told that more is of
 * no use (RFC 7587 section 6.1). 0, or an error of pjsip's. */
int strowger_opus_terms(unsigned rate, unsigned bits)
{
    const pj_str_t name = {"opus", 4};
    pjmedia_codec_mgr *codecs = pjmedia_endpt_get_codec_mgr(pjsua_get_pjmedia_endpt());
    const pjmedia_codec_info *found;
    unsigned most = 1;
    pjmedia_codec_opus_config terms;
    pjmedia_codec_param usual;
    pj_status_t status = pjmedia_codec_mgr_find_codecs_by_id(codecs, &name, &most, &found, NULL);

    if (status == PJ_SUCCESS)
        status = pjmedia_codec_mgr_get_default_param(codecs, found, &usual);
    if (status == PJ_SUCCESS)
        status = pjmedia_codec_opus_get_config(&terms);
    if (status != PJ_SUCCESS)
        return status;
    terms.sample_rate = rate;
    terms.bit_rate = bits;
    return pjmedia_codec_opus_set_default_param(&terms, &usual);
}
