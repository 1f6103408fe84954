#include "common/storage/timed_files.hpp"

#include <doctest/doctest.h>

#include "tests/support/temporary.hpp"

namespace bullpen::storage {

namespace {

// Every look at it costs time, so that a call of the disk between two looks takes that long.
class CostlyClock final : public Clock {
  public:
    [[nodiscard]] UtcTime utc() const override { return {}; }
    [[nodiscard]] MonoTime mono() const override { return now_ += step; }

    Nanos step{};

  private:
    mutable MonoTime now_{};
};

}  // namespace

TEST_CASE("the time of every call of the disk is counted, and the longest is named") {
    test::TemporaryDirectory directory;
    SystemFileSystem system;
    CostlyClock clock;
    TimedFiles files(system, clock);
    const auto path = directory.path() + "/state.json";
    clock.step = Millis(20);
    auto file = files.open_append(path, 0600).value();
    CHECK(files.total() == Millis(20));
    CHECK(files.take_slowest() == "open state.json");
    CHECK(file->append("four").value() == 4);
    CHECK(files.take_slowest() == "write state.json");
    clock.step = Millis(30);
    CHECK(file->sync());
    clock.step = Millis(20);
    CHECK(file->truncate(2));
    CHECK(files.take_slowest() == "sync state.json");
    CHECK(files.take_slowest().empty());
    CHECK(files.total() == Millis(90));
    // What is done to names is the disk's too.
    CHECK(files.make_directories(directory.path() + "/a", 0700));
    CHECK(files.link(path, directory.path() + "/other"));
    CHECK(files.rename(directory.path() + "/other", directory.path() + "/third"));
    CHECK(files.remove(directory.path() + "/third"));
    CHECK(files.sync_directory(directory.path()));
    CHECK(files.read(path, 100).value() == "fo");
    CHECK(files.read_tail(path, 1).value() == "o");
    CHECK(files.status(path).value().size == 2);
    CHECK(files.list(directory.path()).value() == std::vector<std::string>{"a", "state.json"});
    CHECK(files.create(path, 0600));
    CHECK(files.total() == Millis(290));
}

TEST_CASE("an error of the disk comes through, and a quick call is not named") {
    SystemFileSystem system;
    CostlyClock clock;
    TimedFiles files(system, clock);
    clock.step = std::chrono::microseconds(5);
    const auto missing = files.read("/nowhere/at/all", 100);
    REQUIRE_FALSE(missing);
    CHECK(is_missing(missing.error()));
    CHECK(files.total() == std::chrono::microseconds(5));
    CHECK(files.take_slowest().empty());
}

}  // namespace bullpen::storage
