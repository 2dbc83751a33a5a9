/*
 * The trace of a calculation: {"step":"clamp","in":{...},"out":"850000"}, one
 * after the other, everything text, so that its bytes can be compared.
 */
#include "daemon/money/policy_parts.h"

void policy_step(struct policy_calculation *c, const char *step, const struct policy_tip *tip)
{
	json_open(&c->trace, '{');
	json_text(&c->trace, "step", span_of(step));
	json_open_member(&c->trace, "in", '{');
	if (tip != NULL)
		json_text(&c->trace, "tip", tip->tip);
}

void policy_step_text(struct policy_calculation *c, const char *name, struct span value)
{
	json_text(&c->trace, name, value);
}

void policy_step_number(struct policy_calculation *c, const char *name, int64_t value)
{
	char text[MONEY_TEXT_MAX];

	json_text(&c->trace, name, money_write(value, text));
}

void policy_step_yes(struct policy_calculation *c, const char *name, bool value)
{
	json_text(&c->trace, name, value ? SPAN("yes") : SPAN("no"));
}

void policy_step_out(struct policy_calculation *c, const char *out)
{
	json_close(&c->trace, '}');
	json_text(&c->trace, "out", span_of(out));
	json_close(&c->trace, '}');
}

void policy_step_out_number(struct policy_calculation *c, int64_t out)
{
	char text[MONEY_TEXT_MAX];

	money_write(out, text);
	policy_step_out(c, text);
}

bool policy_step_end(struct policy_calculation *c, const char *fault, int64_t out)
{
	if (fault == NULL) {
		policy_step_out_number(c, out);
		return true;
	}
	policy_step_out(c, fault);
	return policy_refuse(c, fault);
}

bool policy_refuse(struct policy_calculation *c, const char *code)
{
	if (c->refused == NULL)
		c->refused = code;
	return false;
}
