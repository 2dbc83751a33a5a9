/*
 * The protocols that carriers speak, one row each; see link_protocol.h.
 */
#include "daemon/core/sms/link_protocol.h"

#include "daemon/base/table.h"
#include "daemon/core/sms/cmpp.h"
#include "daemon/core/sms/smgp.h"
#include "daemon/core/sms/smpp.h"

static const struct link_protocol *const protocols[] = {
	&link_smpp,
	&link_cmpp,
	&link_smgp,
};

const struct link_protocol *link_protocol_find(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(protocols); i++)
		if (strcmp(protocols[i]->name, name) == 0)
			return protocols[i];
	return NULL;
}
