#include "supervisor/daemon/accounts.hpp"

#include <sstream>

#include "common/base/assert.hpp"

namespace bullpen::daemon {

Account& Accounts::at(const AccountId& id) {
    auto& place = accounts_[id];
    if (!place)
        place = std::make_unique<Account>(id);
    return *place;
}

Account* Accounts::find(const AccountId& id) {
    const auto found = accounts_.find(id);
    return found == accounts_.end() ? nullptr : found->second.get();
}

void Accounts::erase(const AccountId& id) {
    const auto found = accounts_.find(id);
    if (found == accounts_.end())
        return;
    if (found->second->launch)
        clear_pid(*found->second);
    accounts_.erase(found);
}

Account* Accounts::by_pid(pid_t pid) {
    const auto found = by_pid_.find(pid);
    return found == by_pid_.end() ? nullptr : found->second;
}

void Accounts::set_pid(Account& account, pid_t pid) {
    BULLPEN_ASSERT(account.launch && pid > 0, "a pid belongs to a launch");
    account.launch->pid = pid;
    account.launch->leader = pid;
    by_pid_[pid] = &account;
}

void Accounts::clear_pid(Account& account) {
    BULLPEN_ASSERT(account.launch.has_value(), "a pid belongs to a launch");
    by_pid_.erase(account.launch->pid);
    account.launch->pid = 0;
}

std::string standing_orders(Accounts& accounts) {
    std::string text;
    accounts.each([&text](const Account& account) {
        if (account.order && !account.order->lifts())
            text += account.id.str() + " " + std::string(code(account.order->order)) + "\n";
    });
    return text;
}

void restore_orders(Accounts& accounts, std::string_view text, UtcTime now) {
    std::istringstream lines{std::string(text)};
    for (std::string account, command; lines >> account >> command;) {
        const auto id = AccountId::parse(account);
        auto* known = id ? accounts.find(*id) : nullptr;
        const auto order = ipc::trading_order_from(command);
        if (known != nullptr && order)
            known->order = StandingOrder{*order, now, {}};
    }
}

}  // namespace bullpen::daemon
