#include "worker/signals/ring.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/signals/market.hpp"

namespace bullpen::signals {
namespace {

RingSource source() {
    return {"synthetic MES seed 1", {}};
}

TEST_CASE("an observation comes back from its words and its bytes to the last bit") {
    Market market(1);
    for (int i = 0; i < 3000; ++i) {
        const auto& observation = market.next();
        REQUIRE(from_words(to_words(observation)).value() == observation);
        if (i % 100 == 0)
            REQUIRE(decode(encode(observation)).value() == observation);
    }
    // By then every value is there, and a quarter has closed.
    CHECK(market.now.values.macd_15m.has_value());
    CHECK(market.quarters > 100);
    auto bytes = encode(market.now);
    bytes.pop_back();
    CHECK(decode(bytes).error().code() == Errc::corrupt);
    CHECK(decode(std::string(bytes.size() + 1, '\0')).error().code() == Errc::corrupt);
}

TEST_CASE("readers see what was published, and all of what the ring holds") {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() + "/mes.ring";
    auto writer = RingWriter::open(path, source()).value();
    CHECK(writer.published() == 0);
    CHECK_FALSE(writer.newest().has_value());
    const auto reader = RingReader::open(path, source()).value();
    CHECK_FALSE(reader.read(0).has_value());

    Market market(1);
    std::vector<std::uint64_t> hashes;
    const std::uint64_t count = k_ring_slots + 1000;
    for (std::uint64_t i = 0; i < count; ++i) {
        writer.publish(market.next());
        hashes.push_back(market.now.hash);
        REQUIRE(reader.published() == i + 1);
        REQUIRE(reader.read(i) == market.now);
    }
    CHECK(writer.newest() == market.now);
    // All but the slot that the writer may be about to replace.
    CHECK(reader.oldest() == count - k_ring_slots + 1);
    for (auto i = reader.oldest(); i < count; ++i)
        REQUIRE(reader.read(i)->hash == hashes[i]);
    CHECK_FALSE(reader.read(reader.oldest() - 1).has_value());
    CHECK_FALSE(reader.read(count).has_value());
}

TEST_CASE("a writer that comes back goes on where the ring is") {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() + "/mes.ring";
    Market market(1);
    {
        auto writer = RingWriter::open(path, source()).value();
        for (int i = 0; i < 100; ++i)
            writer.publish(market.next());
    }
    const auto reader = RingReader::open(path, source()).value();
    auto writer = RingWriter::open(path, source()).value();
    CHECK(writer.published() == 100);
    CHECK(writer.newest() == market.now);
    writer.publish(market.next());
    // It is the same file: whoever had it mapped sees the new one.
    CHECK(reader.read(100) == market.now);
}

TEST_CASE("a ring of another source, or of other indicators, is not taken, and made anew") {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() + "/mes.ring";
    Market market(1);
    {
        auto writer = RingWriter::open(path, source()).value();
        writer.publish(market.next());
    }
    auto other = source();
    SUBCASE("source") {
        other.feed = "synthetic MES seed 2";
    }
    SUBCASE("indicators") {
        other.settings.rsi_length = 11;
    }
    CHECK(RingReader::open(path, other).error().code() == Errc::invalid);
    const auto before = RingReader::open(path, source()).value();
    const auto writer = RingWriter::open(path, other).value();
    CHECK(writer.published() == 0);
    // Whoever reads the old one still does.
    CHECK(before.read(0) == market.now);
    CHECK(RingReader::open(path, source()).error().code() == Errc::invalid);
}

TEST_CASE("what is no ring is told, and never read") {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() + "/mes.ring";
    CHECK_FALSE(RingReader::open(path, source()).has_value());
    test::write_text(path, "");
    CHECK(RingReader::open(path, source()).error().code() == Errc::corrupt);
    test::write_text(path, std::string(100'000, 'x'));
    CHECK(RingReader::open(path, source()).error().code() == Errc::corrupt);
    { (void)RingWriter::open(path, source()).value(); }
    CHECK(RingReader::open(path, source()).has_value());
    // Cut short: a mapping of it would end in the middle of an access.
    REQUIRE(::truncate(path.c_str(), 100'000) == 0);
    CHECK(RingReader::open(path, source()).error().code() == Errc::corrupt);
    CHECK(RingSource{std::string(600, 'x'), {}} != source());
    CHECK(RingWriter::open(path, {std::string(600, 'x'), {}}).error().code() == Errc::too_large);
}

TEST_CASE("a damaged slot is not read, and a damaged end is written again") {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() + "/mes.ring";
    Market market(1);
    {
        auto writer = RingWriter::open(path, source()).value();
        for (int i = 0; i < 10; ++i)
            writer.publish(market.next());
    }
    // A page that never reached the disk, in the middle of the newest one.
    {
        const auto file = open_file(path, O_RDWR).value();
        const std::string zeros(16, '\0');
        REQUIRE(::pwrite(file.get(), zeros.data(), zeros.size(), 4096 + 9 * 384 + 32) == 16);
    }
    const auto reader = RingReader::open(path, source()).value();
    CHECK_FALSE(reader.read(9).has_value());
    CHECK(reader.read(8).has_value());
    const auto writer = RingWriter::open(path, source()).value();
    CHECK(writer.published() == 9);
}

TEST_CASE("a reader never sees half of an observation, however often the writer goes round") {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() + "/mes.ring";
    { (void)RingWriter::open(path, source()).value(); }
    const pid_t writer = ::fork();
    REQUIRE(writer >= 0);
    if (writer == 0) {
        auto ring = RingWriter::open(path, source()).value();
        Market market(1);
        for (std::uint64_t i = 0; i < 12 * k_ring_slots; ++i)
            ring.publish(market.next());
        ::_exit(0);
    }
    const auto reader = RingReader::open(path, source()).value();
    Market market(1);
    std::uint64_t at = 0;
    std::uint64_t read = 0;
    int status = 0;
    bool over = false;
    while (!over) {
        over = ::waitpid(writer, &status, WNOHANG) == writer;
        // The oldest there is, where the writer is about to be.
        for (at = std::max(at, reader.oldest()); at < reader.published(); ++at) {
            const auto seen = reader.read(at);
            if (!seen)
                continue;  // overtaken
            while (market.now.counters[0] <= static_cast<std::int64_t>(at))
                market.next();
            REQUIRE(*seen == market.now);
            ++read;
        }
    }
    CHECK(WIFEXITED(status));
    CHECK(read > 1000);
}

}  // namespace
}  // namespace bullpen::signals
