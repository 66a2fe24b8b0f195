/*
 * Text of dates, times, timestamps and intervals, in the proleptic Gregorian calendar. The year
 * before 1 is 1 BC: "0001-01-01 (BC)", as DuckDB has it. Infinities are DuckDB's: the largest
 * value, and its negative.
 */
#include "result/text_priv.h"

#include "base/number.h"

#define TIME_SECONDS_A_DAY 86400

static const int64_t time_powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
                                      1000000000};

static int64_t time_floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

static char *time_two(char *out, int64_t value)
{
    return gbx__number_padded(out, (uint64_t)value, 2);
}

static char *time_word(char *out, const char *word)
{
    const size_t len = strlen(word);
    memcpy(out, word, len);
    return out + len;
}

/* Year, month and day of a day count: Howard Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms", civil_from_days. */
static void time_civil(int64_t days, int64_t *year, int *month, int *day)
{
    const int64_t shifted = days + 719468; /* from 0000-03-01 */
    const int64_t era = time_floor_div(shifted, 146097);
    const unsigned day_of_era = (unsigned)(shifted - era * 146097);
    const unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const unsigned day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const unsigned month_from_march = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    *year = (int64_t)year_of_era + era * 400 + (*month <= 2);
}

static char *time_put_date(char *out, int64_t days)
{
    int64_t year;
    int month;
    int day;
    time_civil(days, &year, &month, &day);
    const bool is_bc = year <= 0;
    if (is_bc) year = 1 - year;
    out = year < 10000 ? gbx__number_padded(out, (uint64_t)year, 4)
                       : gbx__number_u64(out, (uint64_t)year);
    *out++ = '-';
    out = time_two(out, month);
    *out++ = '-';
    out = time_two(out, day);
    return is_bc ? time_word(out, " (BC)") : out;
}

/* ".5" for 500000 of 6 digits; nothing for 0. */
static char *time_put_fraction(char *out, uint64_t value, int digits)
{
    if (value == 0) return out;
    *out = '.';
    out = gbx__number_padded(out + 1, value, digits);
    while (out[-1] == '0') out--;
    return out;
}

/* A time of day, or an amount of hours of any size: `ticks` of 10^-fraction s, not negative. */
static char *time_put_clock(char *out, uint64_t ticks, int fraction)
{
    const uint64_t a_second = (uint64_t)time_powers[fraction];
    const uint64_t seconds = ticks / a_second;
    const uint64_t hours = seconds / 3600;
    out = hours < 100 ? gbx__number_padded(out, hours, 2) : gbx__number_u64(out, hours);
    *out++ = ':';
    out = gbx__number_padded(out, seconds / 60 % 60, 2);
    *out++ = ':';
    out = gbx__number_padded(out, seconds % 60, 2);
    return time_put_fraction(out, ticks % a_second, fraction);
}

static char *time_put_signed_clock(char *out, int64_t ticks, int fraction)
{
    const uint64_t bits = (uint64_t)ticks;
    if (ticks < 0) *out++ = '-';
    return time_put_clock(out, ticks < 0 ? 0 - bits : bits, fraction);
}

static int64_t time_load(const gbx__column *column, int64_t row)
{
    return column->width == 4 ? GBX_LOAD(int32_t, column->data, row)
                              : GBX_LOAD(int64_t, column->data, row);
}

/* `max` is the largest value of the type. */
static char *time_infinity(char *out, int64_t value, int64_t max)
{
    if (value == max) return time_word(out, "infinity");
    if (value == -max) return time_word(out, "-infinity");
    return NULL;
}

static char *time_date(const gbx__column *column, int64_t row, char *out)
{
    const int64_t value = time_load(column, row);
    char *end = time_infinity(out, value, column->width == 4 ? INT32_MAX : INT64_MAX);
    if (end) return end;
    return time_put_date(out, column->width == 4
                                  ? value
                                  : time_floor_div(value, INT64_C(1000) * TIME_SECONDS_A_DAY));
}

static char *time_time(const gbx__column *column, int64_t row, char *out)
{
    return time_put_signed_clock(out, time_load(column, row), column->fraction);
}

/* DuckDB's word: microseconds << 24 | (16 h - 1 s - offset). */
static char *time_timetz(const gbx__column *column, int64_t row, char *out)
{
    const uint64_t bits = GBX_LOAD(uint64_t, column->data, row);
    const int32_t offset = 16 * 3600 - 1 - (int32_t)(bits & 0xFFFFFF);
    const int32_t distance = offset < 0 ? -offset : offset;

    out = time_put_clock(out, bits >> 24, 6);
    *out++ = offset < 0 ? '-' : '+';
    out = distance / 3600 < 100 ? time_two(out, distance / 3600)
                                : gbx__number_u64(out, (uint64_t)(distance / 3600));
    if (distance % 3600) {
        *out++ = ':';
        out = time_two(out, distance / 60 % 60);
    }
    if (distance % 60) {
        *out++ = ':';
        out = time_two(out, distance % 60);
    }
    return out;
}

static char *time_put_timestamp(char *out, int64_t value, int fraction, char separator)
{
    const int64_t a_day = time_powers[fraction] * TIME_SECONDS_A_DAY;
    const int64_t days = time_floor_div(value, a_day);
    out = time_put_date(out, days);
    *out++ = separator;
    return time_put_clock(out, (uint64_t)value - (uint64_t)days * (uint64_t)a_day, fraction);
}

static char *time_timestamp(const gbx__column *column, int64_t row, char *out)
{
    const int64_t value = GBX_LOAD(int64_t, column->data, row);
    char *end = time_infinity(out, value, INT64_MAX);
    if (end) return end;
    out = time_put_timestamp(out, value, column->fraction, ' ');
    return column->has_zone ? time_word(out, "+00") : out;
}

char *result_timestamp_iso(const gbx__column *column, int64_t row, char *out)
{
    const int64_t value = GBX_LOAD(int64_t, column->data, row);
    char *end = time_infinity(out, value, INT64_MAX);
    if (end) return end;
    out = time_put_timestamp(out, value, column->fraction, 'T');
    if (column->has_zone) *out++ = 'Z';
    return out;
}

static char *time_duration(const gbx__column *column, int64_t row, char *out)
{
    return time_put_signed_clock(out, GBX_LOAD(int64_t, column->data, row), column->fraction);
}

/* ---- intervals: "1 year 2 months 3 days 04:05:06", or "00:00:00" ---- */

static char *time_part(char *out, const char *start, int64_t amount, const char *unit)
{
    if (amount == 0) return out;
    if (out != start) *out++ = ' ';
    out = gbx__number_i64(out, amount);
    *out++ = ' ';
    out = time_word(out, unit);
    if (amount != 1 && amount != -1) *out++ = 's';
    return out;
}

static char *time_put_interval(char *out, int32_t months, int32_t days, int64_t ticks, int fraction)
{
    const char *start = out;
    out = time_part(out, start, months / 12, "year");
    out = time_part(out, start, months % 12, "month");
    out = time_part(out, start, days, "day");
    if (ticks == 0 && out != start) return out;
    if (out != start) *out++ = ' ';
    return time_put_signed_clock(out, ticks, fraction);
}

static char *time_interval_months(const gbx__column *column, int64_t row, char *out)
{
    return time_put_interval(out, GBX_LOAD(int32_t, column->data, row), 0, 0, 6);
}

static char *time_interval_days(const gbx__column *column, int64_t row, char *out)
{
    const int32_t days = GBX_LOAD(int32_t, column->data, row * 2);
    const int32_t milliseconds = GBX_LOAD(int32_t, column->data, row * 2 + 1);
    return time_put_interval(out, 0, days, milliseconds, 3);
}

static char *time_interval(const gbx__column *column, int64_t row, char *out)
{
    const int32_t months = GBX_LOAD(int32_t, column->data, row * 4);
    const int32_t days = GBX_LOAD(int32_t, column->data, row * 4 + 1);
    return time_put_interval(out, months, days, GBX_LOAD(int64_t, column->data, row * 2 + 1), 9);
}

#define TIME_KIND(column, function) ((column)->put = (function), (column)->put_max = 96, true)

bool result_text_time(gbx__column *column)
{
    switch ((int)column->kind) {
    case GBX_COLUMN_DATE: return TIME_KIND(column, time_date);
    case GBX_COLUMN_TIME: return TIME_KIND(column, time_time);
    case GBX_COLUMN_TIMETZ: return TIME_KIND(column, time_timetz);
    case GBX_COLUMN_TIMESTAMP: return TIME_KIND(column, time_timestamp);
    case GBX_COLUMN_DURATION: return TIME_KIND(column, time_duration);
    case GBX_COLUMN_INTERVAL_MONTHS: return TIME_KIND(column, time_interval_months);
    case GBX_COLUMN_INTERVAL_DAYS: return TIME_KIND(column, time_interval_days);
    case GBX_COLUMN_INTERVAL: return TIME_KIND(column, time_interval);
    default: return false;
    }
}
