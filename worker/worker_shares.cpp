// The side of a worker whose account trades shares: it follows no instrument, its session at the
// broker is that of its jobs, and the market's time is what the broker says.
#include "common/base/errc.hpp"
#include "worker/trader_setup.hpp"
#include "worker/version.hpp"
#include "worker/worker.hpp"

namespace bullpen::worker {

namespace {

using model::Reason;
using model::SessionState;
using model::TradingMode;

broker::SharePermit permit_of(TradingMode mode) {
    switch (mode) {
        case TradingMode::active: return broker::SharePermit::all;
        case TradingMode::fenced: return broker::SharePermit::nothing;
        case TradingMode::reducing:
        case TradingMode::idle:
        case TradingMode::halted: return broker::SharePermit::exits;
    }
    return broker::SharePermit::nothing;
}

}  // namespace

bool Worker::trades_shares() const {
    return context_.settings().trading == config::TradingKind::shares;
}

bool Worker::make_share_port() {
    const auto& settings = context_.settings();
    auto made = Result<std::unique_ptr<broker::SharePort>>(
        fail(Errc::invalid, "the broker '" + settings.broker +
                                "' is not known: trading = \"shares\" needs broker = \"paper\""));
    if (settings.broker == "paper") {
        broker::VenuePortSettings port;
        port.socket = ipc::venue_socket(context_.home());
        port.account = config::account_at_broker(settings);
        port.client = "bullpen-worker " + std::string(k_version);
        port.session =
            context_.launch() ? std::to_string(context_.launch()->number.value) : "by hand";
        made = broker::SharePort::make(std::move(port));
    }
    if (!made) {
        end(exit_code_for(made.error()), Reason::refused_configuration, made.error().message());
        return false;
    }
    shares_ = std::move(*made);
    return true;
}

void Worker::serve_shares(Instant now) {
    if (shares_ == nullptr || closed())
        return;
    shares_due_ = shares_->poll(now);
    if (session_ == SessionState::connecting && shares_->connected()) {
        connect_delay_ = Nanos(std::chrono::seconds(1));
        context_.log().info("broker_connected");
        apply(SessionEvent::connected);
    } else if (session_ == SessionState::trading && !shares_->connected()) {
        context_.log().warn("broker_lost", {{"trouble", shares_->trouble()}});
        last_error_ = "no session at the broker: " + shares_->trouble();
        apply(SessionEvent::connection_lost);
    }
    if (shares_->take_news() && jobs_ != nullptr)
        jobs_->wake();
}

// What is sent from now on keeps to the mode that was just judged.
void Worker::judge_shares(UtcTime now) {
    hold_if(session_ == SessionState::connecting, Reason::broker_unreachable, TradingMode::idle,
            now);
}

void Worker::permit_shares() {
    if (shares_ != nullptr)
        shares_->permit(permit_of(gate_.current().mode));
}

}  // namespace bullpen::worker
