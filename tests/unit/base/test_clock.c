#include "base/clock.h"

#include "base/cgroup_priv.h"
#include "support/temp.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_time_goes_on(void **state)
{
    (void)state;
    const int64_t start = gbx__mono_ns();
    int64_t last = start;
    for (int i = 0; i < 1000; i++) {
        const int64_t now = gbx__mono_ns();
        assert_true(now >= last);
        last = now;
    }
    assert_true(start > 0);
    const int64_t wall = gbx__unix_us();
    assert_true(llabs(wall / 1000000 - (int64_t)time(NULL)) <= 2);
}

static void test_this_process(void **state)
{
    (void)state;
    assert_true(gbx__cpu_seconds() > 0);
    const int64_t before = gbx__peak_rss_bytes();
    assert_true(before > 100 * 1024);
    const size_t size = (size_t)64 << 20;
    char *block = malloc(size);
    assert_non_null(block);
    memset(block, 1, size);
    assert_int_equal(block[size / 2], 1);
    free(block);
    assert_true(gbx__peak_rss_bytes() >= before + (int64_t)(size / 2));
    assert_true(gbx__cpu_count() >= 1);
    assert_true(gbx__memory_available_bytes() != 0);
}

static void test_cgroup_none(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    assert_true(gbx__cgroup_memory_free(dir) == GBX_CGROUP_UNLIMITED);
    assert_true(gbx__cgroup_cpu_quota(dir) == GBX_CGROUP_UNLIMITED);
    temp_write(dir, "proc/self/cgroup", "nonsense\n\n:::\n0::\n1:\n");
    assert_true(gbx__cgroup_memory_free(dir) == GBX_CGROUP_UNLIMITED);
    temp_dir_remove(dir);
}

static void test_cgroup_v2_takes_the_least_on_the_way_up(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    temp_write(dir, "proc/self/cgroup", "0::/a/b\n");
    temp_write(dir, "sys/fs/cgroup/a/b/memory.max", "max\n");
    temp_write(dir, "sys/fs/cgroup/a/b/memory.current", "10\n");
    temp_write(dir, "sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
    assert_true(gbx__cgroup_memory_free(dir) == GBX_CGROUP_UNLIMITED);
    assert_true(gbx__cgroup_cpu_quota(dir) == GBX_CGROUP_UNLIMITED);

    temp_write(dir, "sys/fs/cgroup/a/memory.max", "1000\n");
    temp_write(dir, "sys/fs/cgroup/a/memory.current", "700\n");
    temp_write(dir, "sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 200\nfile 9\n");
    temp_write(dir, "sys/fs/cgroup/a/cpu.max", "150000 100000\n");
    assert_int_equal(gbx__cgroup_memory_free(dir), 500);
    assert_int_equal(gbx__cgroup_cpu_quota(dir), 2);

    temp_write(dir, "sys/fs/cgroup/memory.max", "100\n");
    temp_write(dir, "sys/fs/cgroup/memory.current", "400\n");
    assert_int_equal(gbx__cgroup_memory_free(dir), 0);
    temp_dir_remove(dir);
}

static void test_cgroup_v2_in_a_container(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    temp_write(dir, "sys/fs/cgroup/memory.max", "1000\n");
    temp_write(dir, "sys/fs/cgroup/memory.current", "400\n");
    static const char *const groups[] = {"0::/\n", "0::/../other\n", "0::/not/here\n", "0::/x"};
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        temp_write(dir, "proc/self/cgroup", groups[i]);
        assert_int_equal(gbx__cgroup_memory_free(dir), 600);
    }
    temp_dir_remove(dir);
}

static void test_cgroup_v1(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    temp_write(dir, "proc/self/cgroup",
               "12:pids:/x\n5:cpuset:/y\n4:cpu,cpuacct:/job\n3:memory:/job\n1:name=systemd:/z\n");
    temp_write(dir, "sys/fs/cgroup/memory/job/memory.limit_in_bytes", "5000\n");
    temp_write(dir, "sys/fs/cgroup/memory/job/memory.usage_in_bytes", "3000\n");
    temp_write(dir, "sys/fs/cgroup/memory/job/memory.stat",
               "inactive_file 7\ntotal_inactive_file 500\n");
    temp_write(dir, "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    temp_write(dir, "sys/fs/cgroup/memory/memory.usage_in_bytes", "1\n");
    temp_write(dir, "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "300000\n");
    temp_write(dir, "sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n");
    temp_write(dir, "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    assert_int_equal(gbx__cgroup_memory_free(dir), 2500);
    assert_int_equal(gbx__cgroup_cpu_quota(dir), 3);
    temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_goes_on),
        cmocka_unit_test(test_this_process),
        cmocka_unit_test(test_cgroup_none),
        cmocka_unit_test(test_cgroup_v2_takes_the_least_on_the_way_up),
        cmocka_unit_test(test_cgroup_v2_in_a_container),
        cmocka_unit_test(test_cgroup_v1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
