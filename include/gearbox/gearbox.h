/**
 * @file gearbox.h
 * All of Gearbox: include this one.
 *
 * Gearbox states a data job once and runs it on whichever engine suits it. Start at session.h.
 */
#ifndef GBX_GEARBOX_H
#define GBX_GEARBOX_H

#include "gearbox/arrow.h"
#include "gearbox/compare.h"
#include "gearbox/config.h"
#include "gearbox/engines.h"
#include "gearbox/frame.h"
#include "gearbox/result.h"
#include "gearbox/session.h"
#include "gearbox/status.h"

#endif
