#include "common/tables/table_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/config/nearest.hpp"
#include "common/config/rules.hpp"
#include "common/time/market.hpp"
#include "common/time/session_clock.hpp"

namespace bullpen::tables {

namespace {

// Issues in one error's sentence; the rest is counted.
constexpr std::size_t k_issues_shown = 5;

std::string first_part(std::string_view path) {
    return std::string(path.substr(0, path.find('.')));
}

std::string last_part(std::string_view path) {
    return std::string(path.substr(path.rfind('.') + 1));
}

// A decimal as a whole number of units of `unit` billionths.
Result<std::int64_t> exact(std::string_view text, std::int64_t unit) {
    BULLPEN_TRY(const model::Price price,
                model::price_from_text(text, model::TickSize{unit}, model::Rounding::exact));
    return price.ticks;
}

}  // namespace

Result<std::chrono::sys_days> parse_date(std::string_view text) {
    const auto bad = [&] {
        return fail(Errc::invalid,
                    "'" + std::string(text.substr(0, 32)) + "' is not a date, as in 2025-12-24");
    };
    if (text.size() != 10 || text[4] != '-' || text[7] != '-')
        return bad();
    int number = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == 4 || i == 7)
            continue;
        if (text[i] < '0' || text[i] > '9')
            return bad();
        number = number * 10 + (text[i] - '0');
    }
    const std::chrono::year_month_day date(
        std::chrono::year(number / 10'000),
        std::chrono::month(static_cast<unsigned>(number / 100 % 100)),
        std::chrono::day(static_cast<unsigned>(number % 100)));
    if (!date.ok())
        return bad();
    return std::chrono::sys_days(date);
}

TableFile::TableFile(std::string name, std::string_view text) : name_(std::move(name)) {
    config::Document document = config::parse_document(text);
    for (const config::SyntaxError& error : document.errors)
        add_issue(error.place.line, "", error.message);
    if (!document.errors.empty())
        return;
    if (document.leaves.size() > k_keys_max) {
        add_issue(0, "", "has more than " + std::to_string(k_keys_max) + " keys");
        return;
    }
    entries_.reserve(document.leaves.size());
    for (config::Leaf& leaf : document.leaves)
        entries_.push_back({std::move(leaf), false});
    std::sort(entries_.begin(), entries_.end(),
              [](const Entry& a, const Entry& b) { return a.leaf.path < b.leaf.path; });
    Table top(*this, "");
    if (top.needed("schema") != nullptr)
        (void)top.whole_or("schema", k_schema, k_schema, k_schema);
    revision_ = top.text("revision");
}

std::vector<std::string> TableFile::tables() const {
    std::vector<std::pair<config::Place, std::string>> found;
    for (const Entry& entry : entries_) {
        if (entry.leaf.path.find('.') == std::string::npos &&
            entry.leaf.found != config::Found::empty_table)
            continue;
        found.emplace_back(entry.leaf.place, first_part(entry.leaf.path));
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> names;
    for (const auto& [place, name] : found) {
        if (std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(name);
    }
    return names;
}

TableFile::Entry* TableFile::entry(std::string_view path) {
    const auto found = std::lower_bound(
        entries_.begin(), entries_.end(), path,
        [](const Entry& entry, std::string_view p) { return entry.leaf.path < p; });
    return found == entries_.end() || found->leaf.path != path ? nullptr : &*found;
}

void TableFile::add_issue(int line, std::string key, std::string message, std::string nearest) {
    config::Issue issue;
    issue.file = name_;
    issue.line = line;
    issue.key = std::move(key);
    issue.message = std::move(message);
    issue.nearest = std::move(nearest);
    issues_.push_back(std::move(issue));
}

void TableFile::refuse_unknown() {
    const std::vector<std::string_view> known(asked_.begin(), asked_.end());
    for (const Entry& entry : entries_) {
        if (!entry.asked && entry.leaf.found != config::Found::empty_table)
            refuse(entry, known);
    }
    std::stable_sort(
        issues_.begin(), issues_.end(),
        [](const config::Issue& a, const config::Issue& b) { return a.line < b.line; });
}

void TableFile::refuse(const Entry& entry, std::span<const std::string_view> known) {
    const std::string meant(config::nearest(entry.leaf.name, known));
    const std::string& table = entry.leaf.table;
    const auto missed = missing_.find((table.empty() ? "" : table + ".") + last_part(meant));
    if (!meant.empty() && missed != missing_.end()) {
        std::erase_if(issues_, [&](const config::Issue& issue) { return issue.key == *missed; });
        missing_.erase(missed);
    }
    add_issue(entry.leaf.place.line, entry.leaf.path, "is not a key that Bullpen knows", meant);
}

Error TableFile::error() const {
    std::string sentence;
    for (std::size_t i = 0; i < issues_.size() && i < k_issues_shown; ++i)
        sentence += (i == 0 ? "" : "; ") + config::text(issues_[i]);
    if (issues_.size() > k_issues_shown)
        sentence += "; and " + std::to_string(issues_.size() - k_issues_shown) + " more";
    return {Errc::invalid, sentence};
}

std::string Table::path_of(std::string_view key) const {
    if (name_.empty() || key.empty())
        return name_ + std::string(key);
    return name_ + "." + std::string(key);
}

const config::Leaf* Table::find(std::string_view key) const {
    const std::string path = path_of(key);
    TableFile::Entry* found = file_->entry(path);
    if (std::find(file_->asked_.begin(), file_->asked_.end(), key) == file_->asked_.end())
        file_->asked_.emplace_back(key);
    if (found == nullptr)
        return nullptr;
    found->asked = true;
    return &found->leaf;
}

const config::Leaf* Table::needed(std::string_view key) {
    const config::Leaf* leaf = find(key);
    if (leaf == nullptr)
        missing(key);
    return leaf;
}

void Table::missing(std::string_view key, std::string message) {
    file_->missing_.insert(path_of(key));
    wrong(key, std::move(message));
}

void Table::pass_over(std::span<const std::string_view> keys) const {
    for (const auto key : keys)
        static_cast<void>(find(key));
}

void Table::pass_over() const {
    for (TableFile::Entry& entry : file_->entries_)
        entry.asked = entry.asked || entry.leaf.path.starts_with(name_ + ".");
}

void Table::wrong(std::string_view key, std::string message, std::string nearest) {
    const std::string path = path_of(key);
    int line = 0;
    if (const TableFile::Entry* found = file_->entry(path)) {
        line = found->leaf.place.line;
    } else {
        // The first line of the table.
        for (const TableFile::Entry& entry : file_->entries_) {
            if (!name_.empty() && entry.leaf.path.starts_with(name_ + ".") &&
                (line == 0 || entry.leaf.place.line < line))
                line = entry.leaf.place.line;
        }
    }
    file_->add_issue(line, path, std::move(message), std::move(nearest));
}

std::optional<std::string> Table::content_text(std::string_view key) {
    const config::Leaf* leaf = find(key);
    if (leaf == nullptr)
        return std::nullopt;
    const auto* text = std::get_if<std::string>(&leaf->content);
    if (text == nullptr) {
        wrong(key, "must be text in quotes, not " + std::string(config::name(leaf->found)));
        return std::nullopt;
    }
    if (text->empty() || !config::is_printable(*text)) {
        wrong(key, "must be printable text, and not empty");
        return std::nullopt;
    }
    return *text;
}

std::string Table::text(std::string_view key) {
    return needed(key) == nullptr ? std::string() : content_text(key).value_or("");
}

std::string Table::text_or(std::string_view key, std::string_view otherwise) {
    return content_text(key).value_or(std::string(otherwise));
}

bool Table::flag_or(std::string_view key, bool otherwise) {
    const config::Leaf* leaf = find(key);
    if (leaf == nullptr)
        return otherwise;
    const auto* flag = std::get_if<bool>(&leaf->content);
    if (flag == nullptr)
        wrong(key, "must be true or false, not " + std::string(config::name(leaf->found)));
    return flag == nullptr ? otherwise : *flag;
}

std::int64_t Table::whole_or(std::string_view key, std::int64_t min, std::int64_t max,
                             std::int64_t otherwise) {
    const config::Leaf* leaf = find(key);
    if (leaf == nullptr)
        return otherwise;
    const auto* number = std::get_if<std::int64_t>(&leaf->content);
    if (number == nullptr || *number < min || *number > max) {
        wrong(key,
              "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
        return otherwise;
    }
    return *number;
}

std::vector<std::string> Table::texts_or(std::string_view key) {
    const config::Leaf* leaf = find(key);
    if (leaf == nullptr)
        return {};
    const auto* texts = std::get_if<std::vector<std::string>>(&leaf->content);
    if (texts == nullptr)
        wrong(key, "must be a list of texts, not " + std::string(config::name(leaf->found)));
    return texts == nullptr ? std::vector<std::string>{} : *texts;
}

model::TickSize Table::tick(std::string_view key) {
    // Any value keeps what follows from failing for a second reason.
    constexpr model::TickSize k_one{model::k_billion};
    constexpr std::int64_t k_coarse = 1000;
    if (needed(key) == nullptr)
        return k_one;
    const auto text = content_text(key);
    if (!text)
        return k_one;
    if (const auto fine = exact(*text, 1))
        return {*fine};
    const auto coarse = exact(*text, k_coarse);
    if (!coarse) {
        wrong(key, coarse.error().message());
        return k_one;
    }
    return {*coarse * k_coarse};
}

model::Money Table::money(std::string_view key, model::Currency currency) {
    if (needed(key) == nullptr)
        return {1'000'000, currency};
    return money_if(key, currency).value_or(model::Money{1'000'000, currency});
}

std::optional<model::Money> Table::money_if(std::string_view key, model::Currency currency) {
    const auto text = content_text(key);
    if (!text)
        return std::nullopt;
    const auto amount = model::money_from_text(*text, currency);
    if (!amount) {
        wrong(key, amount.error().message());
        return std::nullopt;
    }
    return *amount;
}

std::int64_t Table::decimal_or(std::string_view key, int digits, std::int64_t otherwise) {
    const auto text = content_text(key);
    if (!text)
        return otherwise;
    std::int64_t unit = model::k_billion;
    for (int i = 0; i < digits; ++i)
        unit /= 10;
    const auto number = exact(*text, unit);
    if (!number) {
        wrong(key, "must be a number in quotes with at most " + std::to_string(digits) +
                       " digits after the point");
        return otherwise;
    }
    return *number;
}

std::optional<Nanos> Table::time_of_day_if(std::string_view key) {
    const auto text = content_text(key);
    if (!text)
        return std::nullopt;
    const auto time = time::parse_time_of_day(*text);
    if (!time) {
        wrong(key, time.error().message());
        return std::nullopt;
    }
    return *time;
}

std::chrono::sys_days Table::date(std::string_view key) {
    const auto date = parse_date(text(key));
    if (!date) {
        if (has(key))
            wrong(key, date.error().message());
        return {};
    }
    return *date;
}

std::vector<std::pair<std::string, std::string>> Table::texts_below(std::string_view prefix) {
    const std::string start = name_ + "." + std::string(prefix) + ".";
    std::vector<std::pair<std::string, std::string>> found;
    for (TableFile::Entry& entry : file_->entries_) {
        if (!entry.leaf.path.starts_with(start))
            continue;
        entry.asked = true;
        const auto key = entry.leaf.path.substr(name_.size() + 1);
        if (auto text = content_text(key))
            found.emplace_back(entry.leaf.name, std::move(*text));
    }
    return found;
}

std::vector<std::string> Table::tables_below(std::string_view prefix) {
    const std::string start = name_ + "." + std::string(prefix) + ".";
    std::vector<std::string> names;
    for (const TableFile::Entry& entry : file_->entries_) {
        if (!entry.leaf.path.starts_with(start))
            continue;
        std::string name = first_part(std::string_view(entry.leaf.path).substr(start.size()));
        if (names.empty() || names.back() != name)
            names.push_back(std::move(name));
    }
    return names;
}

std::string nearest_market(std::string_view word) {
    std::array<std::string_view, time::k_markets> known;
    for (std::size_t i = 0; i < known.size(); ++i)
        known.at(i) = time::code(static_cast<time::Market>(i));
    return std::string(config::nearest(word, known));
}

Result<std::optional<std::string>> read_table_text(const std::string& path) {
    auto text = read_file(path, k_file_size_max);
    if (text)
        return std::optional(std::move(*text));
    if (text.error().code() == std::errc::no_such_file_or_directory)
        return std::optional<std::string>();
    return fail(std::move(text).error());
}

}  // namespace bullpen::tables
