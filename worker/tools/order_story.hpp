// OrderStory: everything that an account's journal tells of one order, from the bar that it was
// decided on to its last fill. The bar, the signal, the gates and the limits are those of a replay:
// what the account knew then.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/home.hpp"
#include "worker/tools/account_replay.hpp"

namespace bullpen::tools {

// One link of the chain, in the order in which it happened.
struct StoryStep {
    std::string what;           // "bar", "signal", "risk", "intent", "sent", "stop moved", ...
    std::optional<UtcTime> at;  // bars and signals: the market's time; the rest: the worker's
    std::string text;
    std::vector<std::pair<std::string, std::string>> facts;  // in order; prices as decimals
};

struct OrderStory {
    AccountId account;
    bool shadow = false;  // a would-be order: nothing was sent
    model::ClientOrderId order;
    std::string broker_order;  // empty: none is known
    std::string intent;        // the key
    std::string status;        // where it stood at the end of the journal
    bool replayed = true;      // bar, signal, gates and risk could be rebuilt
    std::vector<StoryStep> steps;
};

// Of the order with this client or broker id, in the journal of one account. None when the journal
// does not have it. Errors as of AccountReplay and Journal::look.
Result<std::optional<OrderStory>> order_story(const Home& home, const AccountId& account,
                                              std::string_view id, const MarketTables& tables);

// The accounts of the home that may have the order: those with the tag in a client id first, then
// the rest, by name. Only those with a journal.
std::vector<AccountId> accounts_for(const Home& home, std::string_view id);

}  // namespace bullpen::tools
