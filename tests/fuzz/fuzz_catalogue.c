/*
 * Any bytes as a compiled catalogue and as an Accept-Language field: refused,
 * or every text lies inside the file and is found again by its id.
 */
#include "handlers/web/catalogue.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct catalogues two = { .at = { { .tag = "zh-CN" }, { .tag = "en" } }, .n = 2 };
	struct span mo = span_from(data, size);
	struct complaint why;
	struct catalogue c;
	struct span id;

	assert(catalogue_choose(&two, mo, span_from(mo.at, size / 4)) != NULL);
	if (!catalogue_read("xx", mo, &c, &why))
		return 0;
	for (size_t i = 0; (id = catalogue_id_at(&c, i)).at != NULL; i++) {
		struct span text = catalogue_text(&c, id);

		assert(text.at >= mo.at && text.at + text.len < mo.at + mo.len);
	}
	return 0;
}
