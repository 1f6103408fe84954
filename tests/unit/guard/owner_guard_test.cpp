// Which entries of an owner's accounts are granted: every pair of what one holds and the other
// wants, under every policy.
#include "supervisor/guard/owner_guard.hpp"

#include <doctest/doctest.h>

#include "tests/support/temporary.hpp"

using namespace bullpen;
using guard::OwnerGuard;

namespace {

const AccountId k_anna = test::account_id("anna");
const AccountId k_bea = test::account_id("bea");
const LaunchNumber k_first{1};

config::AccountSettings account(const AccountId& id, config::Opposite opposite,
                                const std::string& owner = "jane") {
    config::AccountSettings settings(id);
    settings.owner = owner;
    settings.opposite = opposite;
    settings.trading = config::TradingKind::on;
    return settings;
}

// Two accounts of one owner.
OwnerGuard two(config::Opposite opposite) {
    OwnerGuard guard;
    guard.put(account(k_anna, opposite));
    guard.put(account(k_bea, opposite));
    return guard;
}

ipc::Heartbeat holding(std::int64_t lowest, std::int64_t highest,
                       const std::string& product = "ES") {
    ipc::Heartbeat beat;
    beat.stake = ipc::Stake{product, lowest, highest, 10};
    return beat;
}

ipc::Heartbeat wishing(std::int64_t quantity, std::uint64_t number = 1,
                       const std::string& product = "ES") {
    auto beat = holding(0, 0, product);
    beat.wish = ipc::EntryWish{number, product, quantity, false};
    return beat;
}

bool granted(OwnerGuard& guard, const AccountId& id, const ipc::Heartbeat& beat) {
    const auto heard = guard.hear(id, k_first, beat);
    REQUIRE(heard.answer);
    CHECK(heard.answer->number == beat.wish->number);
    return heard.answer->granted;
}

}  // namespace

TEST_CASE("an entry against what another account may hold is refused, flagged or allowed") {
    using enum config::Opposite;
    struct Range {
        std::int64_t lowest;
        std::int64_t highest;
    };
    for (const auto opposite : {allow, flag, refuse}) {
        for (const auto range :
             {Range{0, 0}, Range{2, 2}, Range{0, 1}, Range{-3, -3}, Range{-1, 0}, Range{-1, 2}}) {
            for (const std::int64_t wish : {-2, -1, 1, 5}) {
                for (const auto* product : {"ES", "CL"}) {
                    CAPTURE(static_cast<int>(opposite));
                    CAPTURE(range.lowest);
                    CAPTURE(range.highest);
                    CAPTURE(wish);
                    CAPTURE(product);
                    auto guard = two(opposite);
                    guard.hear(k_bea, k_first, holding(range.lowest, range.highest));
                    const auto heard = guard.hear(k_anna, k_first, wishing(wish, 1, product));
                    REQUIRE(heard.answer);
                    const bool against = std::string(product) == "ES" &&
                                         (wish > 0 ? range.lowest < 0 : range.highest > 0);
                    CHECK(heard.answer->granted == !(against && opposite == refuse));
                    CHECK(heard.answer->text.empty() == !(against && opposite != allow));
                    if (against && opposite != allow)
                        CHECK(heard.answer->text.find("bea is or may be") == 0);
                }
            }
        }
    }
}

TEST_CASE("of two wishes against each other the first is granted, whoever asks again") {
    auto guard = two(config::Opposite::refuse);
    CHECK(granted(guard, k_anna, wishing(1)));
    CHECK_FALSE(granted(guard, k_bea, wishing(-1)));
    // The answer was lost and the question comes again: the same answer.
    CHECK(granted(guard, k_anna, wishing(1)));
    // On the same side both may enter.
    CHECK(granted(guard, k_bea, wishing(1, 2)));
    // And now nobody may go the other way.
    CHECK_FALSE(granted(guard, k_anna, wishing(-1, 2)));
}

TEST_CASE("a grant stands until its account says what came of it") {
    auto guard = two(config::Opposite::refuse);
    guard.hear(k_bea, k_first, holding(0, 0));
    REQUIRE(granted(guard, k_anna, wishing(1, 7)));
    // A beat that does not know what is held says nothing of it.
    guard.hear(k_anna, k_first, ipc::Heartbeat{});
    CHECK_FALSE(granted(guard, k_bea, wishing(-1, 1)));
    // Nor does a new process that has not asked its broker.
    guard.hear(k_anna, LaunchNumber{2}, ipc::Heartbeat{});
    CHECK_FALSE(granted(guard, k_bea, wishing(-1, 2)));
    // Still under way.
    auto under_way = wishing(1, 7);
    under_way.wish->granted = true;
    CHECK_FALSE(guard.hear(k_anna, k_first, under_way).answer);
    CHECK_FALSE(granted(guard, k_bea, wishing(-1, 3)));
    // It came to nothing.
    guard.hear(k_anna, k_first, holding(0, 0));
    CHECK(granted(guard, k_bea, wishing(-1, 4)));
}

TEST_CASE("what was never heard counts against an entry, under refuse") {
    for (const auto opposite : {config::Opposite::flag, config::Opposite::refuse}) {
        auto guard = two(opposite);
        guard.doubt(k_bea);
        const auto heard = guard.hear(k_anna, k_first, wishing(1));
        CHECK(heard.answer->granted == (opposite == config::Opposite::flag));
        CHECK(heard.answer->text == "bea has not said yet what it holds");
        guard.hear(k_bea, k_first, ipc::Heartbeat{});
        CHECK_FALSE(guard.hear(k_anna, k_first, wishing(1, 2)).answer->text.empty());
        guard.hear(k_bea, k_first, holding(0, 0));
        CHECK(guard.hear(k_anna, k_first, wishing(1, 3)).answer->text.empty());
    }
}

TEST_CASE("a wish that a new daemon finds granted already is held for what it is") {
    auto guard = two(config::Opposite::refuse);
    auto beat = wishing(3);
    beat.wish->granted = true;
    CHECK_FALSE(guard.hear(k_anna, k_first, beat).answer);
    CHECK_FALSE(granted(guard, k_bea, wishing(-1)));
}

TEST_CASE("another owner, no owner, the shadow and foreign programs stand against nobody") {
    OwnerGuard guard;
    guard.put(account(k_anna, config::Opposite::refuse));
    auto other = account(k_bea, config::Opposite::refuse, "john");
    guard.put(other);
    guard.hear(k_bea, k_first, holding(-1, -1));
    CHECK(granted(guard, k_anna, wishing(1)));

    auto shadow = account(k_bea, config::Opposite::refuse);
    shadow.trading = config::TradingKind::shadow;
    guard.put(shadow);
    CHECK(granted(guard, k_anna, wishing(1, 2)));
    auto foreign = account(k_bea, config::Opposite::refuse);
    foreign.command = {"/usr/bin/bot"};
    guard.put(foreign);
    CHECK(granted(guard, k_anna, wishing(1, 3)));
    CHECK_FALSE(guard.hear(k_bea, k_first, wishing(-1)).answer);

    guard.put(account(k_bea, config::Opposite::refuse));
    CHECK_FALSE(granted(guard, k_anna, wishing(1, 4)));
    // An account that leaves the roster takes what it held along.
    guard.remove(k_bea);
    CHECK(granted(guard, k_anna, wishing(1, 5)));

    OwnerGuard nobodys;
    nobodys.put(account(k_anna, config::Opposite::refuse, ""));
    nobodys.put(account(k_bea, config::Opposite::refuse, ""));
    nobodys.hear(k_bea, k_first, holding(-1, -1));
    CHECK(granted(nobodys, k_anna, wishing(1)));
}

TEST_CASE("positions against each other that came about otherwise are told once") {
    auto guard = two(config::Opposite::refuse);
    CHECK(guard.hear(k_anna, k_first, holding(1, 1)).opposed.empty());
    // A broker's number that was taken over, for one.
    CHECK(guard.hear(k_bea, k_first, holding(-2, -2)).opposed == "anna is or may be long ES");
    CHECK(guard.hear(k_bea, k_first, holding(-2, -2)).opposed.empty());
    CHECK(guard.hear(k_bea, k_first, holding(0, 0)).opposed.empty());
    CHECK(guard.hear(k_bea, k_first, holding(-1, -1)).opposed == "anna is or may be long ES");
}
