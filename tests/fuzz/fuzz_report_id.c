/*
 * Any bytes as the id of a delivery report: its forms are few, not empty and
 * not alike, the first one is the normal form, and each is one itself.
 */
#include "daemon/core/sms/report_id.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = span_from(data, size), normal;
	struct arena arena = { 0 };
	struct report_id id;

	normal = report_id_normal(bytes, &arena);
	report_id_read(bytes, &arena, &id);
	assert(id.n <= REPORT_ID_FORMS && (id.n > 0) == (normal.len > 0) && normal.len <= REPORT_ID_MAX);
	for (size_t i = 0; i < id.n; i++) {
		assert(id.form[i].len > 0);
		for (size_t j = 0; j < i; j++)
			assert(!span_eq(id.form[i], id.form[j]));
		assert(i == 0 || span_eq(report_id_normal(id.form[i], &arena), id.form[i]));
	}
	assert(id.n == 0 || span_eq(id.form[0], normal));
	arena_release(&arena);
	return 0;
}
