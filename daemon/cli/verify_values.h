/*
 * V5, the values: one function for each kind of thing that stands in a store.
 */
#ifndef TIPLINE_CLI_VERIFY_VALUES_H
#define TIPLINE_CLI_VERIFY_VALUES_H

#include "daemon/cli/verify_letters.h"

/* NULL, or what is wrong; `a` and `b` as in struct verify_piece. Never holds any of their bytes. */
typedef const char *verify_value(struct span a, struct span b);

verify_value verify_state_field, verify_content, verify_identity, verify_box, verify_id_member, verify_entry_field,
	verify_region_member, verify_data_key, verify_intent, verify_letter, verify_item_member, verify_item_count, verify_region_count,
	verify_holder_member, verify_escalated_member, verify_job_field, verify_one, verify_moment, verify_mark_member, verify_part,
	verify_record_field, verify_head_field, verify_idem_field, verify_failures, verify_answer,
	verify_batch_field, verify_trail_field, verify_segment, verify_files,
	verify_doomed, verify_erased;

bool verify_is_word(struct span text);      /* [a-z_], at most 32 */
bool verify_is_name(struct span text);      /* [0-9A-Za-z._:-], at most 64, not a telephone number */

#endif
