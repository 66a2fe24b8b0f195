# A thin front: CMake does the work, tools/setup.sh prepares the machine. `make` prints this help.
#
#   make run        set up, build, answer one question about 336,776 flights
#   make test       set up, build, run every test
#   make build      set up, build build/gearbox
#   make check      before a commit: warnings as errors, layers, style, quick tests
#   make format     lay out the C files that differ from HEAD
#   make asan       all tests under AddressSanitizer and UndefinedBehaviorSanitizer
#   make tsan       the quick tests under ThreadSanitizer
#   make torture    a query from file to file, with every allocation and I/O call failing once; engines
#                   in other processes that die, hang and lie, 100 times at random moments
#   make valgrind   the unit tests under valgrind
#   make fuzz       each fuzz target for FUZZ_SECONDS=60
#   make coverage   line and branch coverage of src/, as text and build-coverage/coverage.html
#   make bench      benchmarks (bench/README.md)
#   make install    PREFIX=/usr/local DESTDIR=
#   make clean      remove the build folders (.deps/ and the download cache stay)
#
# The first build needs the network once; after that the pinned downloads lie in ~/.cache/gearbox.

PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 60
CTEST_FLAGS ?= --parallel 2

SHELL = /bin/bash
.ONESHELL:
.SHELLFLAGS = -euo pipefail -c
MAKEFLAGS += --no-print-directory
.NOTPARALLEL:
.PHONY: help setup build run test check asan tsan torture valgrind fuzz coverage bench install clean format

help:
	@sed -n 's/^#   //p' Makefile

setup:
	@tools/setup.sh

# Configures once; the build itself notices when a CMake file or a folder's list of files changes.
build: setup
	@[ -f build/build.ninja ] || cmake --preset release
	cmake --build build --target $(or $(TARGET),product)

build-%: setup
	@[ -f $@/build.ninja ] || cmake --preset $* -B $@
	cmake --build $@ --target $(or $(TARGET),all)

run: build
	@tools/demo.sh

test: TARGET = all
test: build
	@tools/setup.sh --with engines
	@ctest --test-dir build --output-on-failure --no-tests=error $(CTEST_FLAGS)

check: build-dev
	@ctest --test-dir build-dev -L quick --output-on-failure --no-tests=error $(CTEST_FLAGS)

format:
	@tools/setup.sh --with lint
	tools/format.sh

asan: build-asan
	@ctest --test-dir build-asan --output-on-failure --no-tests=error $(CTEST_FLAGS)

tsan: build-tsan
	@setarch -R ctest --test-dir build-tsan -L quick --output-on-failure --no-tests=error $(CTEST_FLAGS)

torture: build-asan
	@ctest --test-dir build-asan -L torture --output-on-failure --no-tests=error $(CTEST_FLAGS)
	ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 build-asan/tests/torture_session all
	GEARBOX_SOURCE_DIR=$(CURDIR) build-asan/tests/host_faults 100

valgrind: build-dev
	@tools/setup.sh --with valgrind
	tools/valgrind.sh build-dev

fuzz:
	@tools/setup.sh --with fuzz
	$(MAKE) build-fuzz TARGET=fuzzers
	tools/fuzz.sh build-fuzz $(FUZZ_SECONDS)

coverage:
	@tools/setup.sh --with coverage
	$(MAKE) build-coverage
	tools/coverage.sh build-coverage

bench: TARGET = all
bench: build
	@bench/run.sh

# The prefix is known to the library (where its engine lies), so a new one compiles one file again.
install: setup
	@cmake $$([ -f build/build.ninja ] || echo --preset release) -B build -DCMAKE_INSTALL_PREFIX='$(abspath $(PREFIX))' >/dev/null
	cmake --build build --target product
	DESTDIR='$(DESTDIR)' cmake --install build

clean:
	rm -rf build build-*/
