/*
 * From the configuration ("sms.gateways") to what drivers work with.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_GATEWAY_SETTINGS_H
#define TIPLINE_HANDLERS_INTAKE_GATEWAY_SETTINGS_H

#include "handlers/intake/gateway.h"

struct config;

/* Texts are borrowed from the configuration; what has to be made lies in the arena. */
void gateway_settings_read(const struct config *config, size_t index, struct arena *arena, struct gateway_config *out);

/*
 * Whether its driver can work with it. `secrets`: config_secrets() was asked, so
 * that a secret that is not there is missing. False: `why` names file, line and
 * key and what is to be done.
 */
bool gateway_settings_check(const struct config *config, size_t index, bool secrets, struct complaint *why);

#endif
