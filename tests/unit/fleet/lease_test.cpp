#include <doctest/doctest.h>

#include "supervisor/fleet/storm_limit.hpp"
#include "supervisor/lease/lease_table.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::lease;
using namespace std::chrono_literals;

}  // namespace

TEST_SUITE("critical") {
    TEST_CASE("no fence is given before its reservation is durable") {
        FenceAllocator fences(Fence{100}, Fence{7});
        CHECK_FALSE(fences.take());
        REQUIRE(fences.due());
        CHECK(fences.due()->value == 100 + FenceAllocator::k_block);
        fences.reserved(*fences.due());
        CHECK(fences.take() == Fence{100});
        CHECK(fences.take() == Fence{101});
    }

    TEST_CASE("the next block is asked for before this one is used up") {
        FenceAllocator fences(Fence{1}, Fence{});
        fences.reserved(*fences.due());
        for (std::uint64_t i = 0; i < FenceAllocator::k_block / 2; ++i) {
            CHECK_FALSE(fences.due());
            CHECK(fences.take());
        }
        (void)fences.take();
        REQUIRE(fences.due());
        fences.reserved(*fences.due());
        CHECK_FALSE(fences.due());
    }

    TEST_CASE("a lost reservation is made up for by the greatest fence known and a whole block") {
        FenceAllocator before(Fence{1}, Fence{});
        const Fence reserved = *before.due();
        before.reserved(reserved);
        Fence last;
        while (const auto fence = before.take())
            last = *fence;
        FenceAllocator after(std::nullopt, Fence{1});
        after.reserved(*after.due());
        CHECK(after.take()->value > last.value);
    }

    TEST_CASE("a fence seen in use is never given again") {
        FenceAllocator fences(Fence{10}, Fence{});
        fences.reserved(*fences.due());
        fences.observe(Fence{500});
        CHECK(fences.take() == Fence{501});
        fences.observe(Fence{5000});
        CHECK_FALSE(fences.take());
        fences.reserved(*fences.due());
        CHECK(fences.take() == Fence{5001});
    }

    TEST_CASE("an account has one lease at a time, and only its launch can give it back") {
        const AccountId account = *AccountId::parse("a");
        FenceAllocator fences(Fence{1}, Fence{});
        fences.reserved(*fences.due());
        LeaseTable table(fences);
        const auto first = table.grant(account, LaunchNumber{1});
        REQUIRE(first);
        CHECK(table.holder(account)->launch == LaunchNumber{1});
        table.release(account, LaunchNumber{9});
        CHECK(table.size() == 1);
        table.release(account, LaunchNumber{1});
        CHECK(table.size() == 0);
        CHECK(table.grant(account, LaunchNumber{2})->fence > first->fence);
    }

    TEST_CASE("an adopted worker's fence is outgrown by the next launch") {
        const AccountId account = *AccountId::parse("a");
        LeaseTable table(FenceAllocator(Fence{1}, Fence{}));
        table.adopt(account, {LaunchNumber{3}, Fence{77}});
        table.release(account, LaunchNumber{3});
        CHECK_FALSE(table.grant(account, LaunchNumber{4}));
        table.fences().reserved(*table.fences().due());
        CHECK(table.grant(account, LaunchNumber{4})->fence > Fence{77});
    }
}

TEST_CASE("a storm shuts the home for one window, and says until when") {
    fleet::StormLimit storm(3, 60s);
    const MonoTime start{1h};
    CHECK_FALSE(storm.on_death(start));
    CHECK_FALSE(storm.on_death(start + 10s));
    CHECK_FALSE(storm.shut_until(start + 10s));
    CHECK(storm.on_death(start + 20s));
    CHECK(storm.shut_until(start + 20s) == start + 80s);
    CHECK_FALSE(storm.shut_until(start + 80s));
}

TEST_CASE("deaths in a storm prolong it only when they are as many again") {
    fleet::StormLimit storm(2, 60s);
    const MonoTime start{1h};
    (void)storm.on_death(start);
    CHECK(storm.on_death(start));
    CHECK_FALSE(storm.on_death(start + 30s));
    CHECK(storm.shut_until(start + 30s) == start + 60s);
    CHECK_FALSE(storm.on_death(start + 40s));
    CHECK(storm.shut_until(start + 40s) == start + 100s);
}

TEST_CASE("a storm limit of zero is off") {
    fleet::StormLimit storm(0, 60s);
    for (int i = 0; i < 1000; ++i)
        CHECK_FALSE(storm.on_death(MonoTime(1h)));
    CHECK_FALSE(storm.shut_until(MonoTime(1h)));
}
