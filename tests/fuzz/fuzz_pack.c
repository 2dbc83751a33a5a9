/*
 * A pack of evidence from somebody else, as a tar file: its files, and each
 * part of the check by itself, as the fuzzer finds no signature and no SHA-256.
 */
#include "daemon/cli/tipctl_evidence.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_names(const struct pack *pack)
{
	for (size_t i = 0; i < pack->n; i++) {
		const char *name = pack->files[i].name;

		assert(name[0] != '\0' && name[0] != '/' && strstr(name, "..") == NULL);
		assert(pack_find(pack, name) == &pack->files[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pack pack = { .n = 0 };
	struct complaint why = { .text = "" };

	if (!pack_read_tar(&pack, span_from(data, size), &why))
		assert(why.text[0] != '\0');
	try_names(&pack);
	for (unsigned part = 0; part < EVIDENCE_PARTS; part++) {
		why.text[0] = '\0';
		if (evidence_check_part(&pack, part, NULL, &why) != NULL)
			assert(why.text[0] != '\0');
	}
	pack_release(&pack);
	return 0;
}
