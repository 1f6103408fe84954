#include "tests/support/venue_bench.hpp"

using namespace bullpen;
using namespace bullpen::test;

namespace {

// The process, and a port to it, as one bench.
class WholeBench final : public BrokerBench {
  public:
    explicit WholeBench(std::string_view personality)
        : venue_(VenueProcess::k_manual, personality), inner_(venue_) {}
    broker::Port& port() override { return inner_.port(); }
    [[nodiscard]] std::string account() const override { return inner_.account(); }
    [[nodiscard]] Instant now() const override { return inner_.now(); }
    void bar(std::int64_t open, std::int64_t high, std::int64_t low, std::int64_t close) override {
        inner_.bar(open, high, low, close);
        events = inner_.events;
    }
    bool misbehave(Misdeed misdeed) override { return inner_.misbehave(misdeed); }
    bool leave() override {
        const bool left = inner_.leave();
        events = inner_.events;
        return left;
    }
    [[nodiscard]] std::optional<std::size_t> submissions(
        const model::ClientOrderId& order) override {
        return inner_.submissions(order);
    }
    bool until(const std::function<bool()>& condition) override {
        return inner_.until([&] {
            events = inner_.events;
            return condition();
        });
    }

  private:
    VenueProcess venue_;
    VenueBench inner_;
};

}  // namespace

TEST_CASE("the venue in its own process is a broker") {
    broker_conformance([] { return std::make_unique<WholeBench>(""); });
}

TEST_CASE("the venue is a broker when it is slow and its lines come in pieces") {
    broker_conformance([] {
        return std::make_unique<WholeBench>(
            "latency_ms = 3\nlatency_jitter_ms = 5\nevent_delay_ms = 2\nsplit_lines = true\n");
    });
}

TEST_CASE("the venue does everything wrong that the suite asks of a broker") {
    WholeBench bench("");
    CHECK(std::all_of(k_misdeeds.begin(), k_misdeeds.end(),
                      [&](Misdeed misdeed) { return bench.misbehave(misdeed); }));
    CHECK(bench.leave());
}
