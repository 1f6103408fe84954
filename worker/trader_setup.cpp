#include "worker/trader_setup.hpp"

#include "worker/broker/shadow_port.hpp"

namespace bullpen::worker {

namespace {

execution::UnexpectedPolicy unexpected_policy(config::OnUnexpected unexpected) {
    switch (unexpected) {
        case config::OnUnexpected::alert: return execution::UnexpectedPolicy::alert;
        case config::OnUnexpected::adopt: return execution::UnexpectedPolicy::adopt;
        case config::OnUnexpected::protect: return execution::UnexpectedPolicy::protect;
        case config::OnUnexpected::flatten: return execution::UnexpectedPolicy::flatten;
    }
    return execution::UnexpectedPolicy::protect;
}

}  // namespace

execution::StopPolicy stop_policy(config::AtStop at_stop) {
    switch (at_stop) {
        case config::AtStop::flatten: return execution::StopPolicy::flatten;
        case config::AtStop::leave_protected: return execution::StopPolicy::leave_protected;
        case config::AtStop::refuse: return execution::StopPolicy::refuse;
    }
    return execution::StopPolicy::leave_protected;
}

std::string order_tag(const config::AccountSettings& settings) {
    if (!settings.orders->tag.empty())
        return settings.orders->tag;
    constexpr std::string_view k_alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    constexpr std::uint64_t k_offset = 0xcbf29ce484222325U;  // FNV-1a
    constexpr std::uint64_t k_prime = 0x100000001b3U;
    std::uint64_t hash = k_offset;
    for (const char c : settings.id.str())
        hash = (hash ^ static_cast<std::uint8_t>(c)) * k_prime;
    std::string tag;
    for (std::size_t i = 0; i < model::ClientOrderId::k_tag_size; ++i, hash >>= 5U)
        tag.push_back(k_alphabet[hash % k_alphabet.size()]);
    return tag;
}

trading::TraderSettings trader_settings(const config::AccountSettings& settings,
                                        const model::Instrument& instrument,
                                        const model::RulePack& pack) {
    trading::TraderSettings made;
    made.instrument = &instrument;
    made.strategy = settings.strategy;
    made.risk = settings.risk;
    made.session = settings.session;
    made.pack = pack;
    made.orders.tag = order_tag(settings);
    const auto name = config::account_at_broker(settings);
    made.orders.account =
        execution::BrokerAccount::cut(settings.trading == config::TradingKind::shadow
                                          ? std::string(broker::k_shadow_account_prefix) + name
                                          : name);
    made.orders.unexpected = unexpected_policy(settings.orders->unexpected);
    made.orders.unexpected_stop = model::Ticks{settings.orders->unexpected_stop_ticks};
    made.orders.reconcile_every = settings.orders->reconcile_every;
    made.orders.answer_wait = settings.orders->answer_wait;
    made.orders.absent_after = settings.orders->absent_after;
    made.orders.stop_absent_after = settings.orders->stop_absent_after;
    made.orders.own_time = !config::is_live(settings.feed.kind);
    made.orders.told_prices = settings.trading == config::TradingKind::on;
    return made;
}

}  // namespace bullpen::worker
