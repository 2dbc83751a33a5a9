/*
 * MD5; see md5.h. Names as in RFC 1321, section 3.
 */
#include "daemon/base/md5.h"

#include "daemon/base/wipe.h"

#define BLOCK 64

struct md5 {
	uint32_t state[4];
	uint64_t octets;
	unsigned char block[BLOCK];
};

/* floor(2^32 * abs(sin(i + 1))), section 3.4. */
static const uint32_t sines[BLOCK] = {
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
	0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
	0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
	0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
	0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
	0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
	0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
	0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static const unsigned char turns[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } };

static uint32_t turned(uint32_t x, unsigned by)
{
	return x << by | x >> (32 - by);
}

static uint32_t word_at(const unsigned char *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* F, G, H, I of the four rounds, and which word the step takes. */
static uint32_t mixed(unsigned step, const uint32_t s[4], unsigned *word)
{
	switch (step / 16) {
	case 0:
		*word = step;
		return (s[1] & s[2]) | (~s[1] & s[3]);
	case 1:
		*word = (5 * step + 1) % 16;
		return (s[1] & s[3]) | (s[2] & ~s[3]);
	case 2:
		*word = (3 * step + 5) % 16;
		return s[1] ^ s[2] ^ s[3];
	default:
		*word = 7 * step % 16;
		return s[2] ^ (s[1] | ~s[3]);
	}
}

static void add_block(struct md5 *md5)
{
	uint32_t s[4];

	memcpy(s, md5->state, sizeof(s));
	for (unsigned i = 0; i < BLOCK; i++) {
		unsigned word;
		uint32_t sum = s[0] + mixed(i, s, &word) + sines[i];

		sum += word_at(md5->block + (size_t)word * 4);
		s[0] = s[3];
		s[3] = s[2];
		s[2] = s[1];
		s[1] += turned(sum, turns[i / 16][i % 4]);
	}
	for (unsigned i = 0; i < 4; i++)
		md5->state[i] += s[i];
	wipe(s, sizeof(s));
}

static void add_octet(struct md5 *md5, unsigned char octet)
{
	md5->block[md5->octets++ % BLOCK] = octet;
	if (md5->octets % BLOCK == 0)
		add_block(md5);
}

static void finish(struct md5 *md5, unsigned char digest[MD5_LEN])
{
	uint64_t bits = md5->octets * 8;

	add_octet(md5, 0x80);
	while (md5->octets % BLOCK != BLOCK - sizeof(bits))
		add_octet(md5, 0);
	for (unsigned i = 0; i < sizeof(bits); i++)
		add_octet(md5, (unsigned char)(bits >> 8 * i));
	for (unsigned i = 0; i < MD5_LEN; i++)
		digest[i] = (unsigned char)(md5->state[i / 4] >> 8 * (i % 4));
}

void md5_of(const struct span *parts, size_t n, unsigned char digest[MD5_LEN])
{
	struct md5 md5 = { .state = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 } };

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < parts[i].len; j++)
			add_octet(&md5, (unsigned char)parts[i].at[j]);
	finish(&md5, digest);
	wipe(&md5, sizeof(md5));
}
