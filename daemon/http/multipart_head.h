/*
 * The fields in front of one part of a multipart/form-data body; for multipart.c alone.
 */
#ifndef TIPLINE_HTTP_MULTIPART_HEAD_H
#define TIPLINE_HTTP_MULTIPART_HEAD_H

#include "daemon/http/multipart.h"

/*
 * Reads the fields of part `number` (from 1). Quoted values are unescaped in
 * place, the part's spans point into `head`. False with a complaint.
 */
bool multipart_head_read(char *head, size_t len, size_t number, struct multipart_part *part,
			 struct complaint *complaint);

/*
 * Takes the next "; name=value" off `rest`, unescaping a quoted value in place.
 * False when there is none; `rest` is then what could not be read.
 */
bool multipart_param(struct span *rest, struct span *name, struct span *value);

#endif
