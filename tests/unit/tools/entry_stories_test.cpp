#include "worker/tools/entry_stories.hpp"

#include <doctest/doctest.h>

#include "tests/unit/backtest/market.hpp"
#include "worker/execution/notice.hpp"
#include "worker/risk/denial.hpp"

using namespace bullpen;
using namespace bullpen::tools;

namespace {

const UtcTime k_bar = utc_from_nanos(1'736'150'400'000'000'000);

struct Fixture {
    Fixture() {
        terms.id = *model::ClientOrderId::parse("O1");
        terms.key.leg = model::Purpose::entry;
        terms.key.signal_bar = k_bar;
        terms.side = model::Side::buy;
        terms.quantity = 1;
    }
    [[nodiscard]] std::string why(model::Side side = model::Side::buy) const {
        return stories.why_none(k_bar, side);
    }
    void take(const execution::Record& record) { REQUIRE(stories.record(record)); }
    void intend() {
        execution::Intended intended;
        intended.terms = terms;
        take(intended);
    }
    void answer(broker::Outcome outcome) {
        execution::Answered answered;
        answered.order = terms.id;
        answered.outcome = outcome;
        take(answered);
    }

    EntryStories stories{*test::run_settings().instrument};
    model::OrderTerms terms;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a denied entry is told by what denied it") {
    execution::Denied denied;
    denied.key = terms.key;
    denied.side = terms.side;
    denied.refusal = static_cast<std::uint16_t>(execution::Refusal::risk_gate);
    denied.denial = static_cast<std::uint16_t>(risk::DenialCode::fast_market);
    CHECK(why().empty());
    take(denied);
    CHECK(why() == "denied: risk_gate, fast_market");
    CHECK(why(model::Side::sell).empty());
    // An exit that was denied is no entry.
    EntryStories none(*test::run_settings().instrument);
    denied.key.leg = model::Purpose::exit;
    REQUIRE(none.record(denied));
    CHECK(none.why_none(k_bar, model::Side::buy).empty());
}

TEST_CASE_FIXTURE(Fixture, "an order that never filled is told by how far it came") {
    intend();
    CHECK(why() == "its order was never sent");
    execution::Sent sent;
    sent.order = terms.id;
    take(sent);
    CHECK(why() == "its order was sent, and no answer came");
    answer(broker::Outcome::rejected);
    CHECK(why() == "submit: rejected");
    execution::Concluded concluded;
    concluded.order = terms.id;
    concluded.conclusion = execution::Conclusion::absent;
    take(concluded);
    CHECK(why() == "its order: nowhere: it was never placed");
}

TEST_CASE_FIXTURE(Fixture, "one that filled made a trade, whatever is told of it later") {
    intend();
    answer(broker::Outcome::accepted);
    CHECK_FALSE(why().empty());
    execution::Filled filled;
    filled.fill.order = terms.id;
    take(filled);
    CHECK(why().empty());
    execution::Reported reported;
    reported.order = terms.id;
    take(reported);
    CHECK(why().empty());
}

TEST_CASE_FIXTURE(Fixture, "records of other orders change nothing of an entry's") {
    intend();
    execution::Sent sent;
    sent.order = *model::ClientOrderId::parse("O2");
    take(sent);
    CHECK(why() == "its order was never sent");
}
