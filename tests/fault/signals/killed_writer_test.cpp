// A writer that is killed at any instruction leaves a ring that its readers and its successor can
// go by.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/random.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/wait.hpp"
#include "tests/unit/signals/market.hpp"
#include "worker/signals/ring.hpp"

namespace bullpen::signals {
namespace {

const RingSource k_source{"synthetic MES seed 1", {}};

// Publishes without an end.
[[noreturn]] void publish_for_ever(const std::string& path) {
    auto ring = RingWriter::open(path, k_source);
    if (!ring)
        ::_exit(1);
    Market market(1);
    for (std::uint64_t i = 0; i < ring->published(); ++i)
        market.next();
    for (;;)
        ring->publish(market.next());
}

TEST_CASE("a writer killed at any instruction leaves only whole observations, in their order") {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() + "/mes.ring";
    SeededRandom random(test::seed("a writer killed at any instruction"));
    // What the market gives, as far as any writer may have come.
    Market market(1);
    std::vector<std::uint64_t> hashes;
    std::uint64_t published = 0;
    for (int round = 0; round < 40; ++round) {
        const pid_t writer = ::fork();
        REQUIRE(writer >= 0);
        if (writer == 0)
            publish_for_ever(path);
        // Killed when it has gone some way, wherever that is.
        const auto further = published + 1 + random.below(2000);
        REQUIRE(test::eventually([&] {
            const auto reader = RingReader::open(path, k_source);
            return reader && reader->published() >= further;
        }));
        REQUIRE(::kill(writer, SIGKILL) == 0);
        int status = 0;
        REQUIRE(::waitpid(writer, &status, 0) == writer);
        REQUIRE(WIFSIGNALED(status));

        const auto reader = RingReader::open(path, k_source).value();
        published = reader.published();
        REQUIRE(published >= further);
        while (hashes.size() < published)
            hashes.push_back(market.next().hash);
        for (auto i = reader.oldest(); i < published; ++i) {
            const auto seen = reader.read(i);
            REQUIRE_MESSAGE(seen.has_value(), "observation ", i, " of ", published);
            REQUIRE(seen->hash == hashes[i]);
        }
        // Its successor goes on where it was.
        const auto next = RingWriter::open(path, k_source).value();
        REQUIRE(next.published() == published);
        REQUIRE(next.newest()->hash == hashes.back());
    }
    CHECK(published > 40);
}

}  // namespace
}  // namespace bullpen::signals
