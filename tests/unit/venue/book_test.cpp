#include "venue/book.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"

#include "tests/support/simulated_disk.hpp"

using namespace bullpen;
using namespace bullpen::venue;

namespace {

constexpr const char* k_directory = "/home/venue/book";

Record event(std::uint64_t number) {
    EventRecord record;
    record.account = "anna \"quoted\"";
    record.market = "mes";
    record.event.kind = matching::EventKind::filled;
    auto& order = record.event.order;
    order.number = number;
    order.request.client = model::ClientOrderId::make("TEST", Fence{1}, number);
    order.request.type = model::OrderType::stop;
    order.request.stop = {-5};
    order.request.quantity = 3;
    order.filled = 1;
    order.triggered = true;
    order.updated = utc_from_nanos(1'700'000'000'123'456'789);
    auto& fill = record.event.execution;
    fill.number = number;
    fill.quantity = 1;
    fill.price = {-6};
    fill.fee = {370'000};
    fill.position_after = {-1, 6};
    fill.cash_after = {-12};
    record.purpose = model::Purpose::protective_stop;
    record.wall = utc_from_nanos(5);
    return record;
}

std::vector<std::string> read_all(storage::FileSystem& files) {
    std::vector<std::string> seen;
    const auto book = Book::open(files, k_directory, [&](const Record& record) -> Result<void> {
        seen.push_back(encode(record));
        return {};
    });
    REQUIRE_MESSAGE(book, book.error().message());
    return seen;
}

}  // namespace

TEST_CASE("every record reads back as it was written") {
    const std::vector<Record> records{
        AccountRecord{"anna", {-5}},
        event(7),
        PositionRecord{"anna", "mes", {-2, 9}},
        PlaceRecord{"mes", "MES", {17, true}},
        UsedIdRecord{"anna", model::ClientOrderId::make("TEST", Fence{2}, 3)},
        NumbersRecord{1, 2, 3}};
    for (const auto& record : records) {
        const auto text = encode(record);
        CAPTURE(text);
        const auto again = decode_record(text);
        REQUIRE_MESSAGE(again, again.error().message());
        CHECK(encode(*again) == text);
        CHECK(again->index() == record.index());
    }
    const auto again = std::get<EventRecord>(decode_record(encode(event(7))).value());
    CHECK(again.event.execution.price.ticks == -6);
    CHECK(again.event.execution.order == 7);
    CHECK(again.event.order.updated == utc_from_nanos(1'700'000'000'123'456'789));
}

TEST_CASE("what is no record is corrupt") {
    for (const char* text :
         {"", "{}", "[]", R"({"record":"nothing"})", R"({"record":"account","account":"a"})",
          R"({"record":"place","market":"a","instrument":"b","bar":-1})"}) {
        CAPTURE(text);
        const auto record = decode_record(text);
        REQUIRE(!record);
        CHECK(record.error().code() == Errc::corrupt);
    }
}

TEST_CASE("a snapshot takes the place of the records before it") {
    test::SimulatedDisk disk;
    {
        auto book = Book::open(disk, k_directory, [](const Record&) { return Result<void>(); });
        REQUIRE(book);
        for (std::uint64_t i = 1; i <= 10; ++i)
            REQUIRE(book->add(event(i)));
        REQUIRE(book->snapshot({event(100)}));
        REQUIRE(book->add(event(11)));
    }
    const auto seen = read_all(disk);
    REQUIRE(seen.size() == 2);
    CHECK(seen[0] == encode(event(100)));
    CHECK(seen[1] == encode(event(11)));
}

TEST_CASE("a power cut at any step leaves all that was synced, in order") {
    for (test::SimulatedDisk::Step cut = 0; cut < 120; ++cut) {
        CAPTURE(cut);
        test::SimulatedDisk disk;
        std::size_t synced = 0;
        disk.cut_power_at(cut);
        try {
            auto book = Book::open(disk, k_directory, [](const Record&) { return Result<void>(); });
            for (std::uint64_t i = 1; book && i <= 12; ++i) {
                // Outside of REQUIRE, which would catch the cut.
                const auto added = book->add(event(i));
                REQUIRE(added);
                if (i == 8) {
                    std::vector<Record> all;
                    for (std::uint64_t n = 1; n <= i; ++n)
                        all.push_back(event(n));
                    const auto taken = book->snapshot(all);
                    REQUIRE(taken);
                }
                if (i % 2 == 0) {
                    const auto done = book->sync();
                    REQUIRE(done);
                    synced = i;
                }
            }
        } catch (const test::PowerCut&) {
        }
        disk.restart(cut);
        const auto seen = read_all(disk);
        CHECK(seen.size() >= synced);
        for (std::size_t i = 0; i < seen.size(); ++i)
            CHECK(seen[i] == encode(event(i + 1)));
    }
}

TEST_CASE("a snapshot that is damaged, or from a later day, is not taken for a book") {
    test::SimulatedDisk disk;
    {
        auto book = Book::open(disk, k_directory, [](const Record&) { return Result<void>(); });
        REQUIRE(book);
        REQUIRE(book->snapshot({event(1)}));
    }
    disk.corrupt(std::string(k_directory) + "/snapshot", 60);
    auto book = Book::open(disk, k_directory, [](const Record&) { return Result<void>(); });
    REQUIRE(!book);
    CHECK(book.error().code() == Errc::corrupt);
    disk.put_file(std::string(k_directory) + "/snapshot", "bullpen-venue-book 2 1 00000000\n");
    book = Book::open(disk, k_directory, [](const Record&) { return Result<void>(); });
    REQUIRE(!book);
    CHECK(book.error().code() == Errc::newer_version);
}
