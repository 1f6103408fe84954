#include "ctl/set_enabled.hpp"

#include "common/config/home_setup.hpp"
#include "ctl/roster_edit.hpp"
#include "ctl/targets.hpp"

namespace bullpen::ctl {

namespace {

// Accounts that are on the board, and those that have a file only.
Result<std::vector<AccountId>> named(Context& context) {
    BULLPEN_TRY(const auto view,
                FleetView::read(context.home, context.clock.now(), context.roster));
    std::vector<AccountId> accounts;
    for (const auto word : context.arguments.operands) {
        const auto id = AccountId::parse(word);
        if (id && config::read_account_text(context.home, *id)) {
            accounts.push_back(*id);
            continue;
        }
        const std::string_view words[] = {word};
        const auto targets = choose(view, words);
        if (!targets.unmatched.empty())
            return fail(std::make_error_code(std::errc::invalid_argument),
                        sentence(targets.unmatched.front()) + "; nothing was done");
        for (const auto& chosen : targets.rows) {
            BULLPEN_TRY(auto account, AccountId::parse(chosen.row->slot->account.view()));
            accounts.push_back(std::move(account));
        }
    }
    return accounts;
}

}  // namespace

int set_enabled(Context& context, bool enabled) {
    const auto accounts = named(context);
    if (!accounts)
        return report(context, accounts.error().context(), ExitCode::failed);
    if (accounts->empty())
        return report(context, "there are no accounts", ExitCode::failed);
    std::string names;
    for (const auto& account : *accounts) {
        const auto text = config::read_account_text(context.home, account);
        if (!text)
            return report(context, text.error(), ExitCode::failed);
        const auto edited = config::set_enabled(*text, enabled);
        if (!edited)
            return report(context, edited.error(), ExitCode::config);
        if (*edited != *text) {
            const auto replaced = config::replace_account_file(context.home, account, *edited);
            if (!replaced)
                return report(context, replaced.error(), ExitCode::failed);
        }
        names += (names.empty() ? "" : " ") + account.str();
    }
    return apply_edit(context, *accounts, (enabled ? "enabled " : "disabled ") + names);
}

}  // namespace bullpen::ctl
