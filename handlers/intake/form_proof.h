/*
 * What the web form asks for while a visitor's limit, or that of a network about
 * him, runs low: work or a wait (proof.h). A form that brings it is taken though a
 * bucket is empty; another comes back as it was typed, with what to do.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_FORM_PROOF_H
#define TIPLINE_HANDLERS_INTAKE_FORM_PROOF_H

#include "handlers/app.h"
#include "handlers/intake/proofs.h"
#include "handlers/intake/tip_input.h"
#include "handlers/web/pages.h"

/* Puts a challenge into the form, if one is due; the typed form's own, if it is still good. */
void form_proof_ask(const struct app *app, struct http_exchange *exchange, const struct tip_input *typed,
		    struct page_form *view);

/* Whether these fields bring what is asked. Uses nothing up. */
bool form_proof_brought(const struct app *app, const struct http_exchange *exchange, const struct tip_input *in);

/*
 * Uses it up for the request of that name. False: it was not brought, or too many
 * were from here; the refusal then says for how long to wait.
 */
bool form_proof_take(const struct app *app, const struct http_exchange *exchange, const struct tip_input *in,
		     struct span request, struct limit_refusal *refusal);

#endif
