# Everything a person or CI types. `make help` lists it.
#
#   make CC=clang            another compiler
#   make SAN=address,undefined test-unit
#   make RELEASE=1           warnings do not stop the build
#   make V=1                 show the commands

ifeq ($(origin CC),default)
CC := gcc
endif
SAN ?=
RELEASE ?=
VARIANT := $(notdir $(CC))$(if $(SAN),-$(subst $(comma),-,$(SAN)))
comma := ,
B := build$(if $(SAN),/san)$(if $(filter clang%,$(notdir $(CC))),/clang)
VERSION := $(shell sed -n 's/^## \([0-9][0-9.]*\).*/\1/p' CHANGELOG.md 2>/dev/null | head -n 1)

PACKAGES := libevent hiredis libcurl libsodium jansson yaml-0.1 libhs libutf8proc opencc libxxhash libcrypto libssl libsystemd libxml-2.0 libzstd libseccomp
ifneq ($(shell command -v pkg-config 2>/dev/null),)
LIB_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
LIB_LIBS := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lmagic -lm
endif

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion \
	-Wsign-conversion -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 -Wundef \
	$(if $(RELEASE),,-Werror)
HARDEN := -fstack-protector-strong -fPIE -fcf-protection $(if $(SAN),,-D_FORTIFY_SOURCE=2)
CFLAGS ?= -O2 -g
ALL_CFLAGS := -std=c17 -D_GNU_SOURCE $(CPPFLAGS) $(CFLAGS) $(WARN) $(HARDEN) -I. -I$(B)/gen $(LIB_CFLAGS) \
	-DTIPLINE_VERSION='"$(VERSION)"' $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
ALL_LDFLAGS := -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS) $(if $(SAN),-fsanitize=$(SAN))

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-3s %s\n' $(1) $(2))

# --- the layers, lowest first; a layer may use those before it ---------------
LAYERS := base core tlog money sys loop http link store jobs
LAYER_LIBS := $(foreach l,$(LAYERS),$(B)/lib$(l).a)
layer_src = $(sort $(wildcard daemon/$(1)/*.c daemon/$(1)/*/*.c))
HANDLER_SRC := $(filter-out handlers/routes.c,$(sort $(wildcard handlers/*.c handlers/*/*.c handlers/*/*/*.c)))
CTL_SRC := $(sort $(wildcard daemon/cli/tipctl_*.c daemon/cli/verify*.c))
# The auditor's checker stands on base alone: nothing of daemon/money is linked into it.
AUDIT_SRC := $(sort $(wildcard daemon/cli/money_*.c))
ASSETS := $(sort $(wildcard handlers/web/public/* daemon/store/functions/*.lua \
	config/rules/*.yaml config/policy/*.json config/regions/regions.tsv config/regions/towns.tsv config/regions/segments.bin config/tipline.yaml config/retention.yaml config/redis.conf))
# The languages of the public pages and of replies, one file each; LOCALE=DIR takes others.
LOCALE := config/locale
LOCALES := $(patsubst $(LOCALE)/%.po,$(B)/locale/%.mo,$(sort $(wildcard $(LOCALE)/*.po)))
# The staff's program, made once for all builds; STAFF=DIR takes one that is made (scripts/deb).
STAFF := build/gen/staff
ifeq ($(origin STAFF),file)
STAFF_MADE := build/gen/staff.made
STAFF_SRC := $(sort $(wildcard $(addprefix handlers/web/staff/,* .npmrc */* */*/* */*/*/*)))
else
STAFF_MADE := $(STAFF)/index.html
endif
obj = $(patsubst %.c,$(B)/obj/%.o,$(1))

.PHONY: all help run deps test-deps test test-long test-unit test-redis test-e2e check-kill bench fuzz lint clean \
	install docs gen coverage
all: $(B)/tiplined $(B)/tipctl $(B)/tipline-witness

help:
	@sed -n 's/^## //p' Makefile tests/tests.mk

## make run         install what is missing, build, start the daemon with demo accounts
run: deps
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@scripts/run --demo

## make deps        install the Debian packages that the build and the daemon need
deps:
	@scripts/deps build
# The tests go on without: what is missing is skipped, or says so.
test: test-deps
test-deps:
	@scripts/deps test || echo "make: the tests go on without these packages" >&2

## make             build build/tiplined and build/tipctl
$(B)/tiplined: $(call obj,daemon/main.c $(wildcard daemon/wiring*.c) handlers/routes.c) $(B)/libhandlers.a $(B)/libassets.a $(LAYER_LIBS)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIB_LIBS)

$(B)/libctl.a: $(call obj,$(CTL_SRC))
$(B)/tipctl: $(call obj,daemon/cli/tipctl.c) $(B)/libctl.a $(B)/libaudit.a $(B)/libhandlers.a $(B)/libassets.a $(LAYER_LIBS)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIB_LIBS)

WITNESS_SRC := $(filter-out daemon/witness/main.c,$(sort $(wildcard daemon/witness/*.c)))
$(B)/libwitness.a: $(call obj,$(WITNESS_SRC))
$(B)/tipline-witness: $(call obj,daemon/witness/main.c) $(B)/libwitness.a $(B)/libhttp.a $(B)/libloop.a $(B)/libsys.a $(B)/libtlog.a \
		$(B)/libmoney.a $(B)/libcore.a $(B)/libbase.a $(B)/libassets.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIB_LIBS)

define layer_rule
$(B)/lib$(1).a: $(call obj,$(call layer_src,$(1)))
endef
$(foreach l,$(LAYERS),$(eval $(call layer_rule,$(l))))
$(B)/libhandlers.a: $(call obj,$(HANDLER_SRC)) $(B)/obj/gen/gateways.o $(B)/obj/gen/rails.o
$(B)/libaudit.a: $(call obj,$(AUDIT_SRC))
$(B)/libroutes.a: $(call obj,handlers/routes.c)
$(B)/libassets.a: $(B)/obj/gen/assets.o $(B)/obj/gen/assets_bytes.o

$(B)/%.a:
	@rm -f $@
	$(Q)ar rcs $@ $(filter %.o,$^)

$(B)/obj/%.o: %.c | gen
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/gen/%.o: $(B)/gen/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/obj/gen/%.o: $(B)/gen/%.S
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter -fcf-protection,$(HARDEN)) -c -o $@ $<

# --- what is generated --------------------------------------------------------
gen: $(B)/gen/assets.c $(B)/gen/gateways.c $(B)/gen/rails.c
$(B)/gen/assets.c $(B)/gen/assets_bytes.S &: $(ASSETS) $(LOCALES) $(STAFF_MADE) scripts/embed
	@mkdir -p $(B)/gen
	$(Q)scripts/embed $(B)/gen $(ASSETS) $(LOCALES) $(STAFF)/*
build/gen/staff.made: $(STAFF_SRC) config/regions/regions.tsv scripts/bundle scripts/npm-packages
	@mkdir -p $(@D)
	$(call say,JS,build/gen/staff)
	$(Q)scripts/bundle build/gen/staff
	@touch $@
$(B)/gen/gateways.c: $(wildcard handlers/intake/gateways/*.c) scripts/registry
	@mkdir -p $(B)/gen
	$(Q)scripts/registry gateway handlers/intake/gateways > $@
$(B)/gen/rails.c: $(wildcard handlers/payout/rails/*.c) scripts/registry
	@mkdir -p $(B)/gen
	$(Q)scripts/registry rail handlers/payout/rails > $@
$(B)/locale/%.mo: $(LOCALE)/%.po
	@mkdir -p $(@D)
	$(Q)msgfmt --check-format -o $@ $<

# --- tests ----------------------------------------------------------------------
UNIT_SRC := $(sort $(wildcard tests/unit/*/test_*.c tests/contract/test_*.c))
UNIT_BIN := $(patsubst tests/%.c,$(B)/tests/%,$(UNIT_SRC))
REDIS_SRC := $(sort $(wildcard tests/redis/test_*.c))
REDIS_BIN := $(patsubst tests/%.c,$(B)/tests/%,$(REDIS_SRC))
SUPPORT_SRC := $(sort $(wildcard tests/support/*.c))

$(B)/libsupport.a: $(call obj,$(SUPPORT_SRC))

# A unit test links its own layer and those below it, so a test in core cannot reach the loop.
LINK_base := $(B)/libbase.a
LINK_core := $(B)/libcore.a $(LINK_base)
LINK_tlog := $(B)/libtlog.a $(LINK_core)
LINK_money := $(B)/libmoney.a $(LINK_tlog)
LINK_sys := $(B)/libsys.a $(LINK_money) $(B)/libassets.a
LINK_loop := $(B)/libloop.a $(LINK_sys)
LINK_http := $(B)/libhttp.a $(LINK_loop)
LINK_link := $(B)/liblink.a $(LINK_http)
LINK_store := $(B)/libsupport.a $(B)/libstore.a $(LINK_link) $(B)/libassets.a
LINK_all := $(B)/libsupport.a $(B)/libaudit.a $(B)/libroutes.a $(B)/libhandlers.a $(LAYER_LIBS) $(B)/libassets.a
define test_links
$(filter $(B)/tests/$(1)/%,$(UNIT_BIN) $(REDIS_BIN)): LINK = $(LINK_$(2))
$(filter $(B)/tests/$(1)/%,$(UNIT_BIN) $(REDIS_BIN)): $(LINK_$(2))
endef
$(foreach l,base core tlog money sys loop http link store,$(eval $(call test_links,unit/$(l),$(l))))
$(eval $(call test_links,contract,store))
# The auditor's side is tested on journals that the book makes.
$(filter $(B)/tests/unit/cli/%,$(UNIT_BIN)): LINK = $(B)/libaudit.a $(B)/libsupport.a $(LINK_money)
$(filter $(B)/tests/unit/cli/%,$(UNIT_BIN)): $(B)/libaudit.a $(B)/libsupport.a $(LINK_money)
$(filter $(B)/tests/unit/money/%,$(UNIT_BIN)): LINK = $(B)/libsupport.a $(LINK_money)
$(filter $(B)/tests/unit/money/%,$(UNIT_BIN)): $(B)/libsupport.a
$(eval $(call test_links,redis,store))
$(B)/tests/redis/test_tipctl_money_journal: LINK = $(B)/libctl.a $(LINK_store)
$(B)/tests/redis/test_tipctl_money_journal: $(B)/libctl.a
LINK_witness := $(B)/libwitness.a $(LINK_http) $(B)/libassets.a
$(eval $(call test_links,unit/witness,witness))
$(eval $(call test_links,unit/jobs,all))
$(eval $(call test_links,unit/handlers,all))

# Commands of tipctl: all of them in one archive, of which a test takes what it needs.
CTL_TESTS := $(filter $(B)/tests/unit/cli/test_tipctl_% $(B)/tests/unit/cli/test_verify_%,$(UNIT_BIN))
$(CTL_TESTS): LINK = $(B)/libctl.a $(B)/libaudit.a $(B)/libsupport.a $(LAYER_LIBS) $(B)/libassets.a
$(CTL_TESTS): $(B)/libctl.a $(B)/libaudit.a $(B)/libsupport.a $(LAYER_LIBS) $(B)/libassets.a

# Another's reader and writer of SMPP, where it is installed.
$(B)/tests/unit/core/test_smpp_oracle: LIB_LIBS += $(if $(wildcard /usr/include/libsmpp34/smpp34_structs.h),-lsmpp34)

$(UNIT_BIN) $(REDIS_BIN): $(B)/tests/%: $(B)/obj/tests/%.o
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< -Wl,--start-group $(LINK) -Wl,--end-group -lcmocka $(LIB_LIBS)

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
-include tests/tests.mk

## make docs        write the generated pages anew (docs/CONFIG.md, sample, manual)
docs: $(B)/tipctl
	scripts/docs

# --- installing ------------------------------------------------------------------
DESTDIR ?=
PREFIX ?= /usr
UNITS ?= /lib/systemd/system
put = install -D -p -m 0644
# Settings that are there already are their owner's.
keep = test -e $(2) || $(put) $(1) $(2)
DOC := $(DESTDIR)$(PREFIX)/share/doc/tipline

## make install     programs, units, settings and manual to DESTDIR, as the Debian packages have them
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/tipline $(DESTDIR)$(UNITS) $(DOC)/examples/policy
	install -p -m 0755 $(B)/tiplined $(B)/tipctl $(B)/tipline-witness scripts/tipline-sms-spool scripts/tipline-sms-outgoing $(DESTDIR)$(PREFIX)/bin
	install -p -m 0755 scripts/backup scripts/restore scripts/part-keys $(DESTDIR)$(PREFIX)/libexec/tipline
	install -p -m 0644 systemd/*.service systemd/*.socket $(DESTDIR)$(UNITS)
	for of in tipline tipline-witness; do \
		$(put) systemd/$$of.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/$$of.conf && \
		$(put) systemd/$$of.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/$$of.conf || exit 1; done
	$(call keep,config/debian/tipline.yaml,$(DESTDIR)/etc/tipline/tipline.yaml)
	$(call keep,systemd/tipline-redis.conf,$(DESTDIR)/etc/tipline/redis-roles.conf)
	$(call keep,systemd/tipline-redis.acl,$(DESTDIR)/etc/tipline/redis.acl)
	$(put) config/redis.conf $(DESTDIR)$(PREFIX)/share/tipline/redis.conf
	for page in docs/man/*; do $(put) $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/} || exit 1; done
	install -p -m 0644 README.md CHANGELOG.md NOTICE docs/*.md docs/openapi.yaml $(DOC)
	install -p -m 0644 config/tipline.yaml config/nginx.conf config/gateways.yaml config/notices.yaml config/sms-spool.conf $(DOC)/examples
	install -p -m 0644 config/policy/* $(DOC)/examples/policy

## make deb         Debian packages in build/deb/, checked by lintian where it is installed
.PHONY: deb
deb:
	@scripts/deb

## make clean       remove build/
clean:
	rm -rf build
