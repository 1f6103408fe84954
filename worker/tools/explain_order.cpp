// `bullpen-worker explain`: the chain behind one order, from its bar to its fills.
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "worker/tools/order_story.hpp"
#include "worker/tools/tool.hpp"
#include "worker/tools/words.hpp"

namespace bullpen::tools {

namespace {

using nlohmann::ordered_json;

constexpr std::string_view k_explain_usage =
    "usage: bullpenctl explain ORDER [--account ACCOUNT] [--json]\n"
    "\n"
    "Prints the chain behind an order: bar, signal, gates, risk, intent, the broker's answers,\n"
    "fills; of a stop, and of the entry that it protects, each move and its reason. ORDER is the\n"
    "order's own id, or the broker's.\n"
    "\n"
    "  --account ACCOUNT  only in the journal of this account; else in those of all\n"
    "\n"
    "Example:\n"
    "  bullpenctl explain MES10000001000000001\n";
constexpr std::array<Known, 3> k_explain_options = {{{"--home"}, {"--account"}, {"--json", false}}};

std::string json_of(const OrderStory& story) {
    ordered_json out;
    out["account"] = story.account.str();
    out["shadow"] = story.shadow;
    out["order"] = story.order.str();
    out["broker_order"] = story.broker_order;
    out["intent"] = story.intent;
    out["status"] = story.status;
    out["replayed"] = story.replayed;
    out["steps"] = ordered_json::array();
    for (const auto& step : story.steps) {
        ordered_json one;
        one["what"] = step.what;
        one["at"] = step.at ? ordered_json(format_utc_nanos(*step.at)) : ordered_json(nullptr);
        one["text"] = step.text;
        one["facts"] = ordered_json::object();
        for (const auto& [name, value] : step.facts)
            one["facts"][name] = value;
        out["steps"].push_back(std::move(one));
    }
    return documents::json_text(out) + "\n";
}

std::string text_of(const OrderStory& story) {
    constexpr std::size_t k_column = 15;
    std::string out = story.account.str() + ": order " + story.order.str();
    if (!story.broker_order.empty())
        out += ", the broker's " + story.broker_order;
    if (!story.status.empty())
        out += ": " + story.status;
    out += story.shadow ? " (shadow: nothing was sent)\n" : "\n";
    const bool flattens = story.intent.find("/flatten/") != std::string::npos;
    if (!story.replayed && flattens)
        out += "no bar decided on it: an operator did, or a limit, or a stop that failed\n";
    else if (!story.replayed)
        out += "its bar is not in the journal any more, or another program decided on it\n";
    for (const auto& step : story.steps) {
        out += step.what;
        out.append(step.what.size() < k_column ? k_column - step.what.size() : 1, ' ');
        if (step.at)
            out += format_utc(*step.at) + "  ";
        out += step.text + "\n";
        for (const auto& [name, value] : step.facts) {
            out.append(k_column + 2, ' ');
            out += name + " " + value + "\n";
        }
    }
    return out;
}

Result<OrderStory> find(const Words& words, UtcTime now) {
    if (words.operands.empty())
        return fail(Errc::invalid, "an order is needed");
    if (!words.has("--home"))
        return fail(Errc::invalid, "--home DIR is needed");
    const auto& id = words.operands.front();
    BULLPEN_TRY(const auto home, Home::at(words.value("--home")));
    BULLPEN_TRY(const auto tables, load_tables(home.root(), now));
    std::vector<AccountId> accounts;
    if (words.has("--account")) {
        BULLPEN_TRY(const auto account, AccountId::parse(words.value("--account")));
        accounts = {account};
    } else {
        accounts = accounts_for(home, id);
    }
    std::string trouble;
    for (const auto& account : accounts) {
        auto story = order_story(home, account, id, tables);
        if (!story)
            trouble += "; " + account.str() + " cannot be read: " + story.error().message();
        else if (*story)
            return std::move(**story);
    }
    const auto nowhere =
        words.has("--account")
            ? "the journal of " + accounts.front().str() + " has no order '" + id + "'"
            : "no account is named '" + id + "', and no account's journal has an order of that id";
    return fail(Errc::not_found, nowhere + trouble);
}

ExitCode run_explain(std::span<const std::string_view> words, const Clock& clock) {
    const auto taken = take_words(words, k_explain_options, 1);
    if (!taken)
        return complain("explain", ExitCode::usage, taken.error());
    const auto story = find(*taken, clock.utc());
    if (!story) {
        const bool wrong_words = story.error().code() == make_error_code(Errc::invalid);
        return complain("explain", wrong_words ? ExitCode::usage : ExitCode::failed, story.error());
    }
    const auto printed = taken->has("--json") ? json_of(*story) : text_of(*story);
    std::fwrite(printed.data(), 1, printed.size(), stdout);
    return ExitCode::done;
}

}  // namespace

const Tool k_explain{"explain", k_explain_usage, run_explain};

}  // namespace bullpen::tools
