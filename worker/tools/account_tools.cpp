// `bullpen-worker trades|pnl|report`: what an account's journal tells of its trading.
#include <cstdio>
#include <limits>

#include "common/base/errc.hpp"
#include "worker/report/formats.hpp"
#include "worker/report/tear_sheet.hpp"
#include "worker/tools/account_run.hpp"
#include "worker/tools/out_file.hpp"
#include "worker/tools/share_days.hpp"
#include "worker/tools/tool.hpp"
#include "worker/tools/words.hpp"

namespace bullpen::tools {

namespace {

constexpr std::string_view k_trades_usage =
    "usage: bullpenctl trades ACCOUNT [--from TIME] [--to TIME] [--lines N] [--csv OUT] [--json]\n"
    "\n"
    "Lists the account's trades, from its journal.\n"
    "\n"
    "  --from, --to TIME  only trades that closed from, and before: a trading day of the "
    "account's\n"
    "                     market, as 2025-03-10, or a time of UTC, as 2025-03-10T13:30:00Z\n"
    "  --lines N          only the last N\n"
    "  --csv OUT          write them to a CSV file; - is standard output\n"
    "\n"
    "Example:\n"
    "  bullpenctl trades mes01 --from 2025-03-01 --csv trades.csv\n";
constexpr std::string_view k_pnl_usage =
    "usage: bullpenctl pnl ACCOUNT [--from TIME] [--to TIME] [--csv OUT] [--json]\n"
    "\n"
    "Lists what each trading day brought the account, from its journal.\n"
    "\n"
    "  --from, --to TIME  only days from, and before: a trading day of the account's market, as\n"
    "                     2025-03-10, or the one in which a time of UTC lies\n"
    "  --csv OUT          write them to a CSV file; - is standard output\n"
    "\n"
    "Example:\n"
    "  bullpenctl pnl mes01 --from 2025-03-01\n";
constexpr std::string_view k_report_usage =
    "usage: bullpenctl report ACCOUNT [--from TIME] [--to TIME] [--html OUT] [--json]\n"
    "\n"
    "Statistics of the account's trading, each with its definition, from its journal.\n"
    "\n"
    "  --from, --to TIME  only what closed from, and before: a trading day of the account's "
    "market,\n"
    "                     as 2025-03-10, or a time of UTC, as 2025-03-10T13:30:00Z\n"
    "  --html OUT         write the tear sheet, one page with plots\n"
    "\n"
    "Example:\n"
    "  bullpenctl report mes01 --html mes01.html\n";

constexpr std::array<Known, 7> k_options = {
    {{"--from"}, {"--to"}, {"--home"}, {"--csv"}, {"--lines"}, {"--html"}, {"--json", false}}};

// What the three have in common: the words, and the account's trading within them.
struct Asked {
    Words words;
    AccountId id;
    std::optional<jobs::Holdings> shares;        // of an account of shares, which has no run
    std::unique_ptr<const MarketTables> tables;  // the account's run refers to it
    std::unique_ptr<AccountRun> account;
    [[nodiscard]] const report::RunRecord& run() const { return account->run; }
};

// An account of shares has days, in rupees. Its trades are the broker's to tell.
std::string no_trades(const AccountId& account) {
    const auto& name = account.str();
    return "account '" + name +
           "' trades shares: its trades are with its broker (contract notes), and what its jobs "
           "ordered is in accounts/" +
           name + "/orders. Its days in rupees: bullpenctl pnl " + name;
}

Result<Asked> ask(std::span<const std::string_view> words, UtcTime now, bool days_are_enough) {
    BULLPEN_TRY(auto taken, take_words(words, k_options, 1));
    if (taken.operands.empty())
        return fail(Errc::invalid, "an account is needed");
    BULLPEN_TRY(const auto account, AccountId::parse(taken.operands.front()));
    BULLPEN_TRY(const auto from, taken.time("--from"));
    BULLPEN_TRY(const auto to, taken.time("--to"));
    if (!taken.has("--home"))
        return fail(Errc::invalid, "--home DIR is needed");
    BULLPEN_TRY(const auto home, Home::at(taken.value("--home")));
    BULLPEN_CHECK(must_be_known(home, account));
    const auto trading = known_settings(home, account).settings.trading;
    if (trading == config::TradingKind::shares && !days_are_enough)
        return fail(Errc::refused, no_trades(account));
    if (trading == config::TradingKind::shares) {
        BULLPEN_TRY(auto held, read_share_days(home, account, from, to));
        return Asked{std::move(taken), account, std::move(held), nullptr, nullptr};
    }
    BULLPEN_TRY(auto tables, load_tables(home.root(), now));
    Asked asked{std::move(taken), account, std::nullopt,
                std::make_unique<const MarketTables>(std::move(tables)), nullptr};
    BULLPEN_TRY(asked.account, read_account_run(home, account, *asked.tables, BarsToo::no));
    BULLPEN_TRY(const auto first, bound(asked.words, "--from"));
    BULLPEN_TRY(const auto end, bound(asked.words, "--to"));
    report::restrict_to(asked.account->run, first, end);
    tell_start(asked.account->run);
    return asked;
}

ExitCode refuse(std::string_view tool, const Error& error) {
    const bool wrong_words = error.code() == make_error_code(Errc::invalid);
    return complain(tool, wrong_words ? ExitCode::usage : ExitCode::failed, error);
}

ExitCode print(std::string_view tool, const Result<std::string>& text) {
    if (!text)
        return refuse(tool, text.error());
    std::fwrite(text->data(), 1, text->size(), stdout);
    return ExitCode::done;
}

// Writes to the file that `option` names, and says so; nothing when it names none.
Result<bool> written(const Asked& asked, std::string_view option, const std::string& text) {
    if (!asked.words.has(option))
        return false;
    const auto path = asked.words.value(option);
    BULLPEN_CHECK(write_file(path, text));
    if (path != "-" && !asked.words.has("--json"))
        std::fprintf(stderr, "wrote %s\n", path.c_str());
    return true;
}

Result<std::string> trades_of(std::span<const std::string_view> words, UtcTime now) {
    BULLPEN_TRY(auto asked, ask(words, now, false));
    std::size_t lines = std::numeric_limits<std::size_t>::max();
    if (asked.words.has("--lines")) {
        BULLPEN_TRY(lines, asked.words.count("--lines"));
    }
    if (asked.words.has("--csv")) {
        BULLPEN_TRY(const bool done,
                    written(asked, "--csv", report::trades_csv(asked.run(), lines)));
        if (done && !asked.words.has("--json"))
            return std::string();
    }
    return asked.words.has("--json") ? report::trades_json(asked.run(), lines)
                                     : report::trades_text(asked.run(), lines);
}

Result<std::string> days_of(std::span<const std::string_view> words, UtcTime now) {
    BULLPEN_TRY(auto asked, ask(words, now, true));
    if (asked.words.has("--csv")) {
        const auto text =
            asked.shares ? share_days_csv(*asked.shares) : report::days_csv(asked.run());
        BULLPEN_TRY(const bool done, written(asked, "--csv", text));
        if (done && !asked.words.has("--json"))
            return std::string();
    }
    if (asked.shares) {
        return asked.words.has("--json") ? share_days_json(*asked.shares, asked.id)
                                         : share_days_text(*asked.shares);
    }
    return asked.words.has("--json") ? report::days_json(asked.run())
                                     : report::days_text(asked.run());
}

Result<std::string> summary_of(std::span<const std::string_view> words, UtcTime now) {
    BULLPEN_TRY(auto asked, ask(words, now, false));
    if (asked.words.has("--html")) {
        BULLPEN_TRY(const bool done,
                    written(asked, "--html", report::tear_sheet(asked.run(), now)));
        if (done && asked.words.value("--html") == "-")
            return std::string();
    }
    return asked.words.has("--json") ? report::summary_json(asked.run())
                                     : report::summary_text(asked.run());
}

ExitCode run_trades(std::span<const std::string_view> words, const Clock& clock) {
    return print("trades", trades_of(words, clock.utc()));
}

ExitCode run_pnl(std::span<const std::string_view> words, const Clock& clock) {
    return print("pnl", days_of(words, clock.utc()));
}

ExitCode run_report(std::span<const std::string_view> words, const Clock& clock) {
    return print("report", summary_of(words, clock.utc()));
}

}  // namespace

const Tool k_trades{"trades", k_trades_usage, run_trades};
const Tool k_pnl{"pnl", k_pnl_usage, run_pnl};
const Tool k_report{"report", k_report_usage, run_report};

}  // namespace bullpen::tools
