#include "worker/account_ports.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/errc.hpp"
#include "common/config/settings.hpp"
#include "ipc/venue_message.hpp"
#include "worker/version.hpp"

namespace bullpen::worker {

namespace {

constexpr std::int64_t k_unit = 1'000'000;  // millionths

Result<broker::VenuePortSettings> port_settings(const AccountContext& context,
                                                std::string_view trading) {
    const auto& settings = context.settings();
    if (settings.broker != "paper") {
        return fail(Errc::invalid, "the broker '" + settings.broker +
                                       "' is not known: trading = \"" + std::string(trading) +
                                       "\" needs broker = \"paper\"");
    }
    broker::VenuePortSettings port;
    port.socket = ipc::venue_socket(context.home());
    port.account = config::account_at_broker(settings);
    port.client = "bullpen-worker " + std::string(k_version);
    port.session = context.launch() ? std::to_string(context.launch()->number.value) : "by hand";
    return port;
}

}  // namespace

Result<std::unique_ptr<broker::VenuePort>> make_venue_port(
    const AccountContext& context, std::span<const model::Instrument* const> instruments) {
    BULLPEN_TRY(auto port, port_settings(context, "on"));
    port.ticks = context.settings().feed.ticks;
    port.lockstep = true;  // where the market waits for nobody it has no effect
    return broker::VenuePort::make(std::move(port), instruments);
}

Result<std::unique_ptr<broker::SharePort>> make_share_port(const AccountContext& context) {
    BULLPEN_TRY(auto port, port_settings(context, "shares"));
    return broker::SharePort::make(std::move(port));
}

std::unique_ptr<broker::ShadowPort> make_shadow_port(const AccountContext& context,
                                                     const model::Instrument& instrument) {
    const auto& settings = context.settings();
    // By hand no launch is counted, and nobody is twice as quick as a second.
    const auto now = std::chrono::floor<std::chrono::seconds>(context.clock().utc());
    const auto life = context.launch() ? std::to_string(context.launch()->number.value)
                                       : "H" + std::to_string(now.time_since_epoch().count());
    return std::make_unique<broker::ShadowPort>(
        config::account_at_broker(settings),
        model::Money{settings.risk->start_balance * k_unit, instrument.tick_value.currency}, life);
}

}  // namespace bullpen::worker
