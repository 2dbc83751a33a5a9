/*
 * One part of a long SMS, and how a text is made of parts.
 *
 * Pure, given the key. Parts wait in the store sealed, each bound to its group
 * and number, so that the store cannot mix what two people wrote. They are
 * joined before they are decoded: a phone may cut a character in two.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_PART_H
#define TIPLINE_HANDLERS_INTAKE_SMS_PART_H

#include "daemon/core/tip/receipt.h"
#include "daemon/core/tip/seal.h"
#include "daemon/store/store.h"
#include "handlers/intake/gateway.h"

#define SMS_GAP "[…]"  /* stands where parts did not come */

/*
 * The mark of the group a part belongs to: sender, receiver, kind of reference,
 * reference, total. Without the sender two people's parts would be one text.
 * The gateway is left out, because a carrier with several links spreads the
 * parts over them (as does one with several daemons behind it); it counts where
 * the sender is no telephone number, whose meaning only that gateway knows, or
 * the receiver is not told. `variant` counts messages that carry the same
 * reference again.
 */
void sms_part_group(const struct seal_key *key, struct span gateway, const struct sms_message *message,
		    unsigned variant, unsigned char group[STORE_MARK_BYTES]);

/* The mark under which a sender's open groups are counted; the same through all gateways. */
void sms_part_sender(const struct seal_key *key, const struct sms_message *message, unsigned char sender[STORE_MARK_BYTES]);

/* Is it the same part again? By its octets. */
void sms_part_digest(const struct seal_key *key, const struct sms_message *message, unsigned char digest[8]);

/* Appends the sealed part. Gateway, sender, receiver, octets and time are in it. */
void sms_part_seal(const struct seal_key *key, const unsigned char group[STORE_MARK_BYTES], struct span gateway,
		   const struct sms_message *message, int64_t received_ms, struct buf *out);

/*
 * What the store keeps for parts that are missing in a tip: its receipt code,
 * sealed for this tip. Opened again for such a part; false: another key.
 */
void sms_part_note_seal(const struct seal_key *key, const struct tip_id *id, const struct receipt_code *code, struct buf *out);
bool sms_part_note_open(const struct seal_key *key, const struct store_parts *parts, struct receipt_code *code);

/* A long SMS, as far as it came. Spans lie in the arena. */
struct sms_joined {
	struct span gateway;
	struct span sender;
	struct span destination;
	struct span text;        /* empty: the parts are data, no text */
	int64_t received_ms;     /* when the first of its parts came */
	bool may_answer;         /* the sender may get an answer, and the beginning is there */
	bool whole;
	size_t unreadable;       /* parts that the key does not open; they count as missing */
};

/* False: not one part could be opened. */
bool sms_parts_join(const struct seal_key *key, const struct store_parts *parts, struct arena *arena,
		    struct sms_joined *out);

#endif
