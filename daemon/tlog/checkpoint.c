/*
 * Checkpoints; see checkpoint.h.
 */
#include "daemon/tlog/checkpoint.h"

#include "daemon/tlog/line.h"

static bool lines_filled(struct span lines)
{
	struct span line;

	while (line_next(&lines, &line))
		if (line.len == 0 || !line_plain(line))
			return false;
	return lines.len == 0;
}

bool checkpoint_parse(struct span text, struct checkpoint *checkpoint)
{
	struct span rest = text, size, root;

	if (!line_next(&rest, &checkpoint->origin) || !line_next(&rest, &size) || !line_next(&rest, &root))
		return false;
	checkpoint->extension = rest;
	return checkpoint->origin.len > 0 && line_plain(checkpoint->origin) && line_number(size, &checkpoint->head.size) &&
	       line_hash(root, &checkpoint->head.root) && lines_filled(rest);
}

void checkpoint_write(const struct checkpoint *checkpoint, struct buf *out)
{
	buf_add_span(out, checkpoint->origin);
	buf_add_byte(out, '\n');
	buf_add_u64(out, checkpoint->head.size);
	buf_add_byte(out, '\n');
	line_add_hash(out, &checkpoint->head.root);
	buf_add_span(out, checkpoint->extension);
}
