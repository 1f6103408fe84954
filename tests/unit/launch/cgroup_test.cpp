// Control groups, against a directory of plain files that are there as the kernel's are.
#include "common/launch/cgroup.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "common/launch/bind_address.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::launch {

TEST_CASE("a directory is made ready with the controllers that it has and does not give on") {
    const test::TemporaryDirectory root;
    CHECK_FALSE(prepare_cgroups(root.path()).has_value());
    test::write_text(root.file("cgroup.controllers"), "cpuset cpu memory hugetlb pids\n");
    test::write_text(root.file("cgroup.subtree_control"), "cpu memory pids\n");
    CHECK(prepare_cgroups(root.path()).has_value());
    CHECK(test::read_text(root.file("cgroup.subtree_control")) == "cpu memory pids\n");
    test::write_text(root.file("cgroup.subtree_control"), "memory pids");
    CHECK(prepare_cgroups(root.path()).has_value());
    CHECK(test::read_text(root.file("cgroup.subtree_control")) == "+cpu");
    // No word that only begins like it.
    test::write_text(root.file("cgroup.controllers"), "cpuset memory pids\n");
    const auto lacking = prepare_cgroups(root.path());
    REQUIRE_FALSE(lacking.has_value());
    CHECK(lacking.error().message().find("does not have the controller cpu") != std::string::npos);
}

TEST_CASE("how many the kernel ended for want of memory is read where the kernel writes it") {
    const test::TemporaryDirectory root;
    const auto anna = test::account_id("anna");
    CHECK(ended_for_memory(root.path(), anna) == 0);
    REQUIRE(open_cgroup(root.path(), anna, {}).has_value());
    const auto ended = [&](std::string_view events) {
        test::write_text(root.file("anna/memory.events"), events);
        return ended_for_memory(root.path(), anna);
    };
    CHECK(ended("low 0\nhigh 0\nmax 12\noom 2\noom_kill 3\noom_group_kill 1\n") == 3);
    CHECK(ended("oom 2\noom_group_kill 1\n") == 0);
    CHECK(ended("oom_kill many\n") == 0);
    CHECK(ended("") == 0);
}

TEST_CASE("an account's group has its limits, and is there for its next launch, too") {
    const test::TemporaryDirectory root;
    config::LimitSettings limits;
    limits.memory_max = 1 << 20;
    limits.processes_max = 0;
    limits.cpu_max = 50;
    for (int launch = 0; launch < 2; ++launch) {
        const auto opened = open_cgroup(root.path(), test::account_id("anna"), limits);
        REQUIRE(opened.has_value());
        CHECK(test::read_text(root.file("anna/memory.max")) == "1048576");
        CHECK(test::read_text(root.file("anna/pids.max")) == "max");
        CHECK(test::read_text(root.file("anna/cpu.max")) == "50000 100000");
        CHECK(test::read_text(root.file("anna/cgroup.procs")).empty());
    }
    CHECK_FALSE(open_cgroup("/nowhere", test::account_id("anna"), limits).has_value());
}

TEST_CASE("groups of accounts without a process are removed, and nothing else") {
    const test::TemporaryDirectory root;
    test::write_text(root.file("cgroup.controllers"), "cpu memory pids\n");
    test::write_text(root.file("cgroup.subtree_control"), "cpu memory pids\n");
    for (const char* const name : {"anna", "ben", "Not An Account"})
        REQUIRE(std::filesystem::create_directory(root.file(name)));
    // As the kernel refuses to remove a group in use.
    test::write_text(root.file("ben/cgroup.procs"), "4711\n");
    CHECK(prepare_cgroups(root.path()).has_value());
    CHECK_FALSE(std::filesystem::exists(root.file("anna")));
    CHECK(std::filesystem::exists(root.file("ben")));
    CHECK(std::filesystem::exists(root.file("Not An Account")));
}

TEST_CASE("what an account's last worker left in its group is killed at the next launch") {
    const test::TemporaryDirectory root;
    REQUIRE(std::filesystem::create_directory(root.file("anna")));
    test::write_text(root.file("anna/cgroup.kill"), "");
    REQUIRE(open_cgroup(root.path(), test::account_id("anna"), {}).has_value());
    CHECK(test::read_text(root.file("anna/cgroup.kill")) == "1");
}

TEST_CASE("an address is one of this host, or none to connect from") {
    CHECK(check_bind_address("127.0.0.1").has_value());
    CHECK(check_bind_address("127.9.8.7").has_value());
    for (const char* const other : {"192.0.2.7", "2001:db8::7", "localhost", ""})
        CHECK_FALSE(check_bind_address(other).has_value());
}

}  // namespace bullpen::launch
