/*
 * Tightening: a folded text without what stands between the characters of a name.
 *
 * People break names with blanks, line ends, emoji, stickers ("[泪]") and
 * strokes: "南 京🙏市". Places are looked for in the tightened text, so all of
 * these read alike. Between two Han characters blanks, symbols and strokes go;
 * between Latin letters a symbol becomes a blank and a letter loses its tone
 * mark ("Běijīng"). Commas and full stops stay: they end a thought.
 *
 * Pure. Tightening a tightened text changes nothing, unless a sticker was torn
 * itself ("[拜🙏托]").
 */
#ifndef TIPLINE_CORE_TIGHT_H
#define TIPLINE_CORE_TIGHT_H

#include "daemon/core/text/normalize.h"

/*
 * *out is `in` itself and false is returned when there is nothing to take out;
 * else *out lives in the arena. `origin` still counts bytes of the text that
 * `in` was folded from.
 */
bool tighten(const struct folded *in, struct arena *arena, struct folded *out);

/* True when something was taken out between two characters of these bytes: the name is torn. */
bool tight_torn(const struct folded *text, uint32_t from, uint32_t to);

#endif
