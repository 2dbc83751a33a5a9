/*
 * What the octets of a short message are.
 */
#ifndef TIPLINE_CORE_SMS_CODING_H
#define TIPLINE_CORE_SMS_CODING_H

/* Numbers stand in sealed parts: new ones go to the end. */
enum sms_coding {
	SMS_UTF8,
	SMS_UTF16,    /* big-endian, called UCS-2 by everybody (3GPP TS 23.038) */
	SMS_LATIN1,
	SMS_OCTETS,   /* "8 bit": data, or a text whose sender said so */
	SMS_GSM7,     /* GSM 7-bit alphabet, one septet an octet; packed ones go through gsm7_unpack() first */
	SMS_GBK,      /* mainland carriers' Msg_Fmt 15; GB 18030 is read too */
	SMS_CODINGS,
};

/* National tables of the GSM 7-bit alphabet, by their numbers in 3GPP TS 23.038; 0, and those unknown: the default ones. */
struct sms_tables {
	unsigned char locking;
	unsigned char single;
};

#endif
