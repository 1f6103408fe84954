// `bullpenctl import`: shows the plan that moving/ drew up, and carries it out. Nothing of the old
// bot's is changed or deleted. An import that was cut short is gone through again by the same
// command: an account counts as made once its file is in accounts.d, which is written last.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "ctl/command.hpp"
#include "moving/plan.hpp"

namespace bullpen::ctl {

// The accounts of this home, and names that something of a former account still has.
Result<std::vector<moving::TakenAccount>> taken_accounts(const Context& context);
// "python3 'my bot.py' --user {user}" as words; a word that is a file of `directory` becomes its
// absolute path. Errc::invalid for a quote that does not end.
Result<std::vector<std::string>> command_words(std::string_view line, const std::string& directory);

// The plan in words, or, with --json, as the members of an object that is open.
void show_plan(Context& context, const moving::Plan& plan, const std::string& directory);

// Makes links in `folder` by which it looks as the old bot's did, from whoever reads its files.
// What is there already stays. Returns the names made.
Result<std::vector<std::string>> make_old_layout(const Context& context, const moving::Plan& plan,
                                                 const std::string& folder);

// Takes out of the plan, and says so, what could not be carried out: accounts that the home would
// refuse beside those it has, and credentials that the vault would not take; those are asked for
// later, and keep nothing else back.
void refuse_what_the_home_would(const Context& context, moving::Plan& plan);

// Says of credentials that end by themselves as of when they count, and when they end.
void tell_ages(const Context& context, moving::Plan& plan);

// What the package's unit keeps from an old bot's program, and how to let accounts see it, line by
// line; nothing where the program is not run, or the unit neither hides it nor runs this home.
// Pure.
std::vector<std::string> unit_advice(const std::string& home, const std::string& directory,
                                     bool runs);

struct CarriedOut {
    std::vector<AccountId> made;
    // By a run before this one, which ended before a daemon had taken them up.
    std::vector<AccountId> finished;
    std::string note;  // what the operator is to know of the vault's key
};
// Wipes the credentials of the plan as it goes.
Result<CarriedOut> carry_out(Context& context, moving::Plan& plan, const std::string& directory);

}  // namespace bullpen::ctl
