/* trace.h: probes at which perf, bpftrace and SystemTap can look on: user-level statically defined tracing.
 *
 * Where <sys/sdt.h> is there when this is built a probe is one instruction that does nothing, and a note in
 * the ELF file that says where its arguments are; elsewhere it is nothing at all.  doc/tracing.md tells how
 * to use them.  What they are given is at hand anyway; no name, no path and no secret is among it.
 *
 *   conn    names a connection, pump and copy a transfer, by addresses; a pump belongs to its copy
 *   command is enum smb2_command, status an NTSTATUS, code enum lsmb_code
 *   bytes of a request are its message without the transform header and the length prefix */
#ifndef LSMB_BASE_TRACE_H
#define LSMB_BASE_TRACE_H

#include <stddef.h>
#include <stdint.h>

#if defined __has_include
#if __has_include(<sys/sdt.h>)
#include <sys/sdt.h>
#endif
#endif

#ifndef DTRACE_PROBE2
#define DTRACE_PROBE2(provider, name, a, b)       ((void)(a), (void)(b))
#define DTRACE_PROBE4(provider, name, a, b, c, d) ((void)(a), (void)(b), (void)(c), (void)(d))
#define DTRACE_PROBE5(provider, name, a, b, c, d, e)                                               \
    ((void)(a), (void)(b), (void)(c), (void)(d), (void)(e))
#endif

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic" /* the header's macros are not */

static inline void trace_conn_up(const void *conn, uint16_t dialect)
{
    DTRACE_PROBE2(lsmb, conn_up, conn, dialect);
}

static inline void trace_conn_ended(const void *conn, unsigned code)
{
    DTRACE_PROBE2(lsmb, conn_ended, conn, code);
}

static inline void trace_request_sent(const void *conn, uint16_t command, uint64_t message_id,
                                      size_t bytes)
{
    DTRACE_PROBE4(lsmb, request_sent, conn, command, message_id, bytes);
}

static inline void trace_request_answered(const void *conn, uint16_t command, uint64_t message_id,
                                          uint32_t status, uint64_t took_ns)
{
    DTRACE_PROBE5(lsmb, request_answered, conn, command, message_id, status, took_ns);
}

static inline void trace_copy_begun(const void *copy, uint64_t listed_bytes)
{
    DTRACE_PROBE2(lsmb, copy_begun, copy, listed_bytes);
}

static inline void trace_copy_ended(const void *copy, uint64_t bytes, unsigned code, unsigned taken)
{
    DTRACE_PROBE4(lsmb, copy_ended, copy, bytes, code, taken);
}

static inline void trace_range_started(const void *pump, const void *copy, uint64_t offset,
                                       size_t bytes)
{
    DTRACE_PROBE4(lsmb, range_started, pump, copy, offset, bytes);
}

static inline void trace_range_done(const void *pump, const void *copy, uint64_t offset,
                                    size_t bytes)
{
    DTRACE_PROBE4(lsmb, range_done, pump, copy, offset, bytes);
}

#pragma GCC diagnostic pop

#endif
