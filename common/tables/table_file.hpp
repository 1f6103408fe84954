// TableFile: the common form of the data files in HOME/shared (instruments, holidays, rule packs):
// TOML with `schema` and `revision` at the top, and a table for each thing. Reads the values of a
// table with the type that is asked for, and gathers everything that is wrong with file, line and
// key; a file with anything wrong is not taken at all.
//
// A file that is not there is not an error: the built-in table is used. One mistake is one issue: a
// key that is written wrong is not told as missing besides.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "common/config/document.hpp"
#include "common/config/issue.hpp"
#include "common/model/money.hpp"
#include "common/model/price.hpp"

namespace bullpen::tables {

inline constexpr std::size_t k_file_size_max = 1 << 20;
// Tables of one file, and keys of all of them.
inline constexpr std::size_t k_tables_max = 500;
inline constexpr std::size_t k_keys_max = 20'000;
inline constexpr std::int64_t k_schema = 1;

class TableFile;

// What was made of a file.
template <class T>
struct Reading {
    Result<T> table;
    std::vector<config::Issue> issues;  // by line: why there is no table
};

// The keys of one table. A getter for a key that is not there gives its default and, for those that
// are needed, an issue; a key that no getter asked for is unknown.
class Table {
  public:
    Table(TableFile& file, std::string name) : file_(&file), name_(std::move(name)) {}

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
    // Needed; printable, not empty.
    std::string text(std::string_view key);
    std::string text_or(std::string_view key, std::string_view otherwise);
    bool flag_or(std::string_view key, bool otherwise);
    std::int64_t whole_or(std::string_view key, std::int64_t min, std::int64_t max,
                          std::int64_t otherwise);
    std::vector<std::string> texts_or(std::string_view key);
    // Needed, in quotes: "0.25", "12.50".
    model::TickSize tick(std::string_view key);
    model::Money money(std::string_view key, model::Currency currency);
    std::optional<model::Money> money_if(std::string_view key, model::Currency currency);
    // A decimal in quotes times 10^digits: "1.5" with one digit is 15.
    std::int64_t decimal_or(std::string_view key, int digits, std::int64_t otherwise);
    // "16:10".
    std::optional<Nanos> time_of_day_if(std::string_view key);
    // "2025-12-24", needed.
    std::chrono::sys_days date(std::string_view key);

    // All keys that start with `prefix.`, without it: names and texts.
    std::vector<std::pair<std::string, std::string>> texts_below(std::string_view prefix);
    // The names of the tables directly below `prefix`.
    std::vector<std::string> tables_below(std::string_view prefix);

    // An issue at the line of `key`, or of the table, which an empty one stands for.
    void wrong(std::string_view key, std::string message, std::string nearest = {});
    // As wrong(), of a key that has to be there and is not.
    void missing(std::string_view key, std::string message = "is missing");
    // Keys that something else makes moot, or all of the table: known, and not looked at.
    void pass_over(std::span<const std::string_view> keys) const;
    void pass_over() const;

  private:
    friend class TableFile;
    [[nodiscard]] std::string path_of(std::string_view key) const;
    [[nodiscard]] const config::Leaf* find(std::string_view key) const;
    const config::Leaf* needed(std::string_view key);
    std::optional<std::string> content_text(std::string_view key);

    TableFile* file_;
    std::string name_;
};

class TableFile {
  public:
    // `name` is how issues name the file.
    TableFile(std::string name, std::string_view text);

    // The top-level tables in the order of the file.
    [[nodiscard]] std::vector<std::string> tables() const;
    Table table(std::string name) { return {*this, std::move(name)}; }
    [[nodiscard]] const std::string& revision() const { return revision_; }
    // Nothing of the file is taken for this.
    template <class T>
    Reading<T> refused(std::string message) {
        add_issue(0, "", std::move(message));
        return {fail(error()), issues_};
    }
    // `made`, or why nothing is taken of this file: also a key that nobody asked for is wrong.
    // Called once, when all has been read.
    template <class T>
    Reading<T> finish(T made) {
        refuse_unknown();
        if (ok())
            return {std::move(made), {}};
        return {fail(error()), issues_};
    }

    [[nodiscard]] bool ok() const { return issues_.empty(); }
    [[nodiscard]] const std::vector<config::Issue>& issues() const { return issues_; }

  private:
    friend class Table;
    struct Entry {
        config::Leaf leaf;
        bool asked = false;
    };
    // Errc::invalid with the first issues as sentences.
    [[nodiscard]] Error error() const;
    void refuse_unknown();
    void refuse(const Entry& entry, std::span<const std::string_view> known);
    void add_issue(int line, std::string key, std::string message, std::string nearest = {});
    Entry* entry(std::string_view path);

    std::string name_;
    std::vector<Entry> entries_;      // by path
    std::vector<std::string> asked_;  // keys that were looked for, for hints
    std::vector<config::Issue> issues_;
    std::set<std::string> missing_;  // keys that an issue tells as missing
    std::string revision_;
};

// The text of a file of HOME/shared; nothing when it is not there.
Result<std::optional<std::string>> read_table_text(const std::string& path);

// The home's table: what `read` makes of the file at `path`, `built_in` when there is none. `name`
// is how issues name the file.
template <class T>
Reading<T> read_home_table(const std::string& path, const std::string& name,
                           Reading<T> (*read)(const std::string&, std::string_view),
                           T (*built_in)()) {
    const auto text = read_table_text(path);
    if (text)
        return *text ? read(name, **text) : Reading<T>{built_in(), {}};
    config::Issue issue;
    issue.file = name;
    issue.message = text.error().message();
    return {fail(text.error()), {std::move(issue)}};
}

// The market that was probably meant by a word that is none; empty when none is near.
std::string nearest_market(std::string_view word);

// "2025-12-24".
Result<std::chrono::sys_days> parse_date(std::string_view text);

}  // namespace bullpen::tables
