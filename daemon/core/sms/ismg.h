/*
 * What CMPP (China Mobile) and SMGP (China Telecom) have in common: a head of
 * 12 octets, fields of fixed size, a login that hashes the secret, Msg_Fmt, and
 * states of delivery.
 *
 * Pure. Lengths of the peer are never believed: what does not fit makes the
 * reader `broken`, and all that it gives from then on is empty.
 */
#ifndef TIPLINE_CORE_SMS_ISMG_H
#define TIPLINE_CORE_SMS_ISMG_H

#include "daemon/core/sms/link_protocol.h"

#define ISMG_HEAD 12
#define ISMG_PDU_MAX 4096          /* the longest PDU for us has some 700 octets */
#define ISMG_RESPONSE 0x80000000u
#define ISMG_STATE_LEN 7           /* "DELIVRD" */
#define ISMG_CONTENT_MAX 140       /* octets of a message, header counted; ASCII: */
#define ISMG_ASCII_MAX 159

/* --- reading ------------------------------------------------------------------- */

struct ismg_in {
	struct span rest;
	bool broken;
};

/* The frame() of both: lengths below 12 and above ISMG_PDU_MAX cannot be. */
size_t ismg_frame(struct span octets);

/* Reads the head into the event, whose other fields become zero; the reader stands behind it. */
struct ismg_in ismg_read_head(struct span pdu, unsigned version, struct link_event *event);

unsigned ismg_octet(struct ismg_in *in);
unsigned ismg_pair(struct ismg_in *in);        /* 2 octets */
uint32_t ismg_number(struct ismg_in *in);      /* 4 octets */
struct span ismg_octets(struct ismg_in *in, size_t n);

/* A text in a place of n octets: up to its first NUL, without blanks at the end. */
struct span ismg_field(struct ismg_in *in, size_t n);

/* The octets of an id in lower-case hexadecimal, in the arena; of zeroes alone, as from a peer that gives none: empty. */
struct span ismg_id(struct span octets, struct arena *arena);

/* Keeps the id for the answer. */
void ismg_keep_id(struct span octets, struct link_event *event);

/*
 * Sets coding, header and octets of a message by Msg_Fmt and TP_udhi. A header
 * that says it is longer than all of the content is none.
 */
void ismg_read_content(unsigned format, bool has_header, struct span content, struct link_message *message);

/* Sets fate, reason and final by a state as carriers write them: "DELIVRD", "UNDELIV", "MA:0001". */
void ismg_read_state(struct span state, struct link_report *report);

/* --- writing ------------------------------------------------------------------- */

/* Returns where the PDU begins, for ismg_end(). */
size_t ismg_begin(struct buf *out, uint32_t command, uint32_t sequence);
void ismg_end(struct buf *out, size_t at);

/* A PDU of a head alone. */
void ismg_put_bare(struct buf *out, uint32_t command, uint32_t sequence);

void ismg_put_number(struct buf *out, uint32_t number, unsigned octets);
void ismg_put_zeroes(struct buf *out, size_t n);

/*
 * A text in a place of n octets. One that does not fit is left out whole: a number
 * that is cut is somebody else's. NULL is empty.
 */
void ismg_put_field(struct buf *out, struct span text, size_t n);

/* MMDDHHMMSS in Beijing, as a number. */
uint32_t ismg_stamp(int64_t now_ms);

/* MD5 of account, zeroes, secret and the ten digits of the stamp. `zeroes` is at most 16. */
void ismg_authenticator(const struct link_config *config, size_t zeroes, uint32_t stamp, unsigned char digest[16]);

/*
 * The proof() of both: the digest that came, against MD5 of status, our own
 * digest and the secret. The status is the zero of a login that was taken, in
 * one octet or four: what the peer hashes need not be as long as what it sends.
 */
enum link_proof ismg_proof(const struct link_config *config, struct span ours, struct span came);

/* The fits() of both. */
bool ismg_fits(const struct link_submit *submit);

/*
 * What is sent: Msg_Fmt, and the content with its header. ASCII when the text is
 * that and fits, else UCS-2.
 */
struct ismg_content {
	unsigned format;
	struct buf octets;         /* at most 255; to be released */
};

void ismg_content_of(const struct link_submit *submit, struct ismg_content *content);

/* "+8613800138000" as carriers of the mainland write it: without the sign. */
struct span ismg_terminal(struct span number);

#endif
