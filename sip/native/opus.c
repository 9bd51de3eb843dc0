/* How long packets of Opus are: pjmedia fills them with frames of 20 ms whatever is wanted (RFC 7587 section 7). */
#include <pjmedia.h>

#define LONGEST 120 /* milliseconds of a packet (RFC 6716 section 2) */
#define SHORT 10    /* milliseconds of the frames that 10, 30 and 50 are made of */

unsigned strowger_packet_time(pjmedia_stream_info *info, unsigned wanted);

/* The milliseconds that a far end gets which wants so many; the frames of its stream, not opened yet, are made to fit. */
unsigned strowger_packet_time(pjmedia_stream_info *info, unsigned wanted)
{
    if (pj_stricmp2(&info->fmt.encoding_name, "opus") != 0)
        return wanted;
    if (wanted % info->param->info.frm_ptime)
        info->param->info.frm_ptime = SHORT;
    return PJ_MIN(wanted, LONGEST);
}
