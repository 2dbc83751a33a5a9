/*
 * Certificate and key of the listeners that speak TLS; see wiring_parts.h.
 */
#include "daemon/wiring_parts.h"

#include "daemon/http/tls.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"

#include <stdio.h>

static struct tls_files files_of(const struct config *config)
{
	return (struct tls_files){ .certificate = config->listen.tls_certificate, .key = config->listen.tls_key,
				   .dir = config->state_dir };
}

static void tell(const struct tls *tls)
{
	char days[24];

	snprintf(days, sizeof(days), "%lld", (long long)(tls_expires_s(tls) - clock_wall_ms() / 1000) / 86400);
	log_event(LOG_LEVEL_NOTICE, "tls.loaded", "days_left", days, NULL);
}

bool wiring_open_tls(struct wiring *w, struct complaint *why)
{
	struct tls_files files = files_of(w->config);
	struct complaint inner = { .text = "" };

	if (w->config->listen.tls == 0)
		return true;
	w->app.tls = w->tls = tls_new(&files, &inner);
	if (w->tls == NULL)
		return complain(why, 0, "listen.tls: %.220s", inner.text);
	tell(w->tls);
	return true;
}

const struct tls *wiring_tls_of(const struct wiring *w, enum site site)
{
	return (w->config->listen.tls >> site & 1) != 0 ? w->tls : NULL;
}

void wiring_reload_tls(struct wiring *w)
{
	struct tls_files files = files_of(w->config);
	struct complaint why = { .text = "" };

	if (w->tls == NULL)
		return;
	if (tls_reload(w->tls, &files, &why))
		tell(w->tls);
	else
		log_event(LOG_LEVEL_ERROR, "tls.refused", "why", why.text, NULL);
}

void wiring_close_tls(struct wiring *w)
{
	tls_free(w->tls);
}
