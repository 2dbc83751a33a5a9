/*
 * Claims by SMS: the desk that texts about a receipt code come to.
 *
 *   look     the code's token in the book, as for a page
 *   try      what leads to nothing is counted, by the same counters     waits
 *   vault, submit  "claim": cash at a counter, as for a page            wait
 *   say      the answer is put into the outbox, once a message          waits
 *
 * The telephone number proves nothing and is not kept; the code does. By SMS
 * there is but the counter: an account in a text would be known to the carrier
 * for ever. What is stored are the claim (tokens), and the sealed answer until
 * it is sent; the code and the text never are. A message that comes again is
 * the same claim by its nonce, and its answer is known by its mark.
 */
#ifndef TIPLINE_HANDLERS_REWARD_CLAIM_SMS_H
#define TIPLINE_HANDLERS_REWARD_CLAIM_SMS_H

#include "handlers/app.h"
#include "handlers/intake/sms_desk.h"

/* For sms_env: `app` outlives it, and may get its money later or never. */
struct sms_desk claim_sms_desk(struct app *app);

#endif
