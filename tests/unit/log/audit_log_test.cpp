#include "common/log/audit_log.hpp"

#include <doctest/doctest.h>

#include "tests/support/simulated_disk.hpp"

namespace bullpen::log {

namespace {

const std::string k_path = "/l/audit.log";

}  // namespace

TEST_CASE("every entry is on disk when it is acknowledged") {
    test::SimulatedDisk disk;
    const FakeClock clock;
    AuditLog audit(disk, {.path = k_path}, clock, {"alpha", "3"});
    const auto before = disk.syncs();
    REQUIRE(audit.append("operator_order", {{"mode", "halted"}, {"token", "t-111"}}));
    REQUIRE(audit.append("operator_resume"));
    CHECK(disk.syncs() == before + 2);
    CHECK(verify_audit(disk, k_path).value() == 2);
    CHECK(disk.content(k_path).find("t-111") == std::string::npos);
    CHECK(disk.content(k_path).find("\"seq\":1,\"prev\":\"" + std::string(64, '0') + "\"}\n") !=
          std::string::npos);
}

TEST_CASE("the chain goes on over restarts and rotations") {
    test::SimulatedDisk disk;
    FakeClock clock;
    for (int month = 0; month < 5; ++month) {
        AuditLog audit(disk, {.path = k_path}, clock);
        REQUIRE(audit.append("one"));
        clock.advance(std::chrono::days(16));
        REQUIRE(audit.append("two"));
        clock.advance(std::chrono::days(16));
    }
    CHECK(log_files(disk, k_path).value().size() >= 4);
    CHECK(verify_audit(disk, k_path).value() == 10);
}

TEST_CASE("a changed, removed or inserted line breaks the chain") {
    test::SimulatedDisk disk;
    const FakeClock clock;
    AuditLog audit(disk, {.path = k_path}, clock);
    for (const char* event : {"a", "b", "c", "d"})
        REQUIRE(audit.append(event));
    const auto whole = disk.content(k_path);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < whole.size();) {
        const auto end = whole.find('\n', at) + 1;
        lines.push_back(whole.substr(at, end - at));
        at = end;
    }
    REQUIRE(lines.size() == 4);
    const auto verdict = [&](const std::string& content) {
        test::SimulatedDisk other;
        other.put_file(k_path, content);
        return verify_audit(other, k_path);
    };
    CHECK(verdict(whole).value() == 4);
    auto changed = whole;
    changed.replace(changed.find("\"b\""), 3, "\"x\"");
    CHECK(verdict(changed).error().code() == make_error_code(Errc::corrupt));
    CHECK(!verdict(lines[0] + lines[2] + lines[3]));
    CHECK(!verdict(lines[0] + lines[1] + lines[1] + lines[2]));
    CHECK(!verdict(whole.substr(0, whole.size() - 1)));
    CHECK(!verdict(lines[0] + "{\"event\":\"forged\"}\n"));
    // What is kept may begin anywhere: older files are dropped after a year.
    CHECK(verdict(lines[2] + lines[3]).value() == 2);
}

TEST_CASE("an entry that the disk refused is an error, and the chain holds after it") {
    test::SimulatedDisk disk;
    const FakeClock clock;
    AuditLog audit(disk, {.path = k_path}, clock);
    REQUIRE(audit.append("one"));
    const auto size = disk.content(k_path).size();
    disk.set_capacity(size + 30);
    CHECK(storage::is_out_of_space(audit.append("lost").error()));
    disk.clear_faults();
    REQUIRE(audit.append("two"));
    // A sync that fails leaves an entry that may be there; the next one follows it.
    disk.fail_at(disk.steps() + 1, EIO);
    CHECK(!audit.append("unsure"));
    disk.clear_faults();
    REQUIRE(audit.append("three"));
    CHECK(verify_audit(disk, k_path).value() == 4);
}

TEST_CASE("half a line that a crash left is cut off before the next entry") {
    test::SimulatedDisk disk;
    const FakeClock clock;
    {
        AuditLog audit(disk, {.path = k_path}, clock);
        REQUIRE(audit.append("one"));
    }
    disk.put_file(k_path, disk.content(k_path) + "{\"ts\":\"2026");
    AuditLog audit(disk, {.path = k_path}, clock);
    REQUIRE(audit.append("two"));
    CHECK(verify_audit(disk, k_path).value() == 2);
}

}  // namespace bullpen::log
