/* Compile-time limits of the switch. */
#define NDEBUG 1
#define PJ_HAS_IPV6 1
#define PJ_LOG_MAX_LEVEL 4
#define PJ_GETHOSTIP_DISABLE_LOCAL_RESOLUTION 1 /* an address is known without asking name servers, for which all would wait */
#define PJ_IOQUEUE_MAX_HANDLES 8192 /* two sockets a call and room for TCP */
#define PJSIP_POOL_INC_ENDPT 65536  /* for the handles, which are made at start, each looking through all pieces of a pool */
#define PJMEDIA_POOL_INC_ENDPT 65536

#define PJSUA_MAX_CALLS 2048
#define PJSUA_MAX_ACC 256
#define PJSUA_MAX_CONF_PORTS 8192
#define PJSIP_MAX_TSX_COUNT 16383
#define PJSIP_MAX_DIALOG_COUNT 16383
#define PJSIP_MAX_PKT_LEN 8000

#define PJMEDIA_MAX_SDP_MEDIA 4
#define PJMEDIA_HAS_VIDEO 0
#define PJMEDIA_SRTP_HAS_DTLS 1
#define PJSIP_TCP_INITIAL_TIMEOUT 30 /* seconds; a connection that says nothing sensible holds no socket for longer */
