#include "worker/jobs/signal_file.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/base/trimmed.hpp"
#include "common/documents/json_text.hpp"
#include "ipc/share_message.hpp"

namespace bullpen::jobs {

namespace {

using nlohmann::json;

constexpr std::size_t k_columns_max = 200;
constexpr std::size_t k_cell_max = 1000;

// What each column may be called.
struct Column {
    std::string_view name;
    std::array<std::string_view, 5> names;
};
constexpr std::array<Column, 4> k_columns{{
    {"Ticker", {"ticker", "symbol", "tradingsymbol", "", ""}},
    {"Entry_Price", {"entry_price", "entry", "brooks_entry_price", "", ""}},
    {"Stop_Loss", {"stop_loss", "stop", "stoploss", "", ""}},
    {"Target1", {"target1", "target_1", "target", "target_price", ""}},
}};

std::string lower(std::string_view text) {
    std::string out;
    for (const char c : text)
        out.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    return out;
}

// Of "NSE:INFY", in whatever case.
std::string symbol_of(std::string_view text) {
    constexpr std::string_view k_exchange = "NSE:";
    std::string symbol;
    for (const char c : text)
        symbol.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    if (symbol.starts_with(k_exchange))
        symbol = std::string(trimmed(std::string_view(symbol).substr(k_exchange.size())));
    return symbol;
}

// Whether commas part a whole number as people write thousands or lakhs: "1,34,000". The last part
// has three digits, so that a decimal comma is not taken for one of these.
bool parts_thousands(std::string_view whole) {
    constexpr std::size_t k_thousands = 3;
    auto end = whole.rfind(',');
    if (whole.size() - end - 1 != k_thousands)
        return false;
    while (end != 0) {
        const auto comma = whole.substr(0, end).rfind(',');
        const auto size = comma == std::string_view::npos ? end : end - comma - 1;
        if (size == 0 || size > k_thousands || (comma != std::string_view::npos && size < 2))
            return false;
        if (comma == std::string_view::npos)
            return true;
        end = comma;
    }
    return false;
}

// The digits of "\u20b9 4,000.00" or "Rs. 4,000/-"; as it is where it is written otherwise.
std::string plain_number(std::string_view text) {
    constexpr std::array<std::string_view, 4> k_signs{"\xE2\x82\xB9", "Rs.", "Rs", "INR"};
    for (const auto sign : k_signs) {
        if (text.starts_with(sign)) {
            text = trimmed(text.substr(sign.size()));
            break;
        }
    }
    if (text.ends_with("/-"))
        text.remove_suffix(2);
    std::string number(text);
    const auto whole = text.substr(0, text.find('.'));
    if (whole.find(',') != std::string_view::npos && parts_thousands(whole))
        std::erase(number, ',');
    return number;
}

// To the nearest paisa: spreadsheets keep 1340.05 as 1340.0499999999999.
std::optional<model::Price> price_of(std::string_view text) {
    constexpr double k_paise = 100;
    const auto number = plain_number(trimmed(text));
    text = number;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() ||
        !(value > 0 && value * k_paise <= static_cast<double>(model::k_price_ticks_max)))
        return std::nullopt;
    const model::Price price{std::llround(value * k_paise)};
    return price.ticks > 0 ? std::optional(price) : std::nullopt;
}

// Cuts rows of cells out of a text, with quotes as RFC 4180 has them.
class CsvReader {
  public:
    CsvReader(std::string_view text, char comma) : text_(text), comma_(comma) {}

    Result<Cells> read() {
        Cells rows;
        while (at_ < text_.size()) {
            if (rows.size() > k_signal_rows_max)
                return fail(Errc::too_large, "more rows than a signal file may have");
            BULLPEN_TRY(auto row, read_row());
            rows.push_back(std::move(row));
        }
        return rows;
    }

  private:
    Result<std::vector<std::string>> read_row() {
        std::vector<std::string> row{""};
        bool quoted = false;
        while (at_ < text_.size()) {
            const char c = text_[at_++];
            auto& cell = row.back();
            if (quoted) {
                const bool ends = c == '"';
                if (ends && at_ < text_.size() && text_[at_] == '"')
                    cell.push_back(text_[at_++]);
                else if (ends)
                    quoted = false;
                else
                    cell.push_back(c);
            } else if (c == '"' && cell.empty()) {
                quoted = true;
            } else if (c == comma_) {
                row.emplace_back();
            } else if (c == '\n') {
                return row;
            } else {
                cell.push_back(c);
            }
            if (row.size() > k_columns_max || row.back().size() > k_cell_max)
                return fail(Errc::too_large, "a row that is longer than any may be");
        }
        if (quoted)
            return fail(Errc::invalid, "a quote that does not end");
        return row;
    }

    std::string_view text_;
    char comma_;
    std::size_t at_ = 0;
};

std::string text_of(const json& value) {
    if (value.is_string())
        return value.get<std::string>();
    return value.is_number() ? documents::json_text(value) : std::string();
}

// The places in a row of what may be a column.
std::vector<std::size_t> places_of(const Column& column, const std::vector<std::string>& head) {
    std::vector<std::size_t> places;
    for (std::size_t place = 0; place < head.size(); ++place) {
        const auto plain = lower(trimmed(head[place]));
        const auto& names = column.names;
        if (!plain.empty() && std::find(names.begin(), names.end(), plain) != names.end())
            places.push_back(place);
    }
    return places;
}

std::size_t columns_in(const std::vector<std::string>& head) {
    return static_cast<std::size_t>(
        std::count_if(k_columns.begin(), k_columns.end(),
                      [&](const Column& column) { return !places_of(column, head).empty(); }));
}

// The row with the names of the columns: the first that has all of them, or the first of those that
// have the most.
std::size_t head_of(const Cells& cells) {
    std::size_t best = 0;
    std::size_t most = 0;
    for (std::size_t row = 0; row < std::min(cells.size(), k_rows_above_max); ++row) {
        if (const auto count = columns_in(cells[row]); count > most) {
            best = row;
            most = count;
        }
    }
    return best;
}

bool has_columns(const Cells& cells) {
    return !cells.empty() && columns_in(cells[head_of(cells)]) == k_columns.size();
}

// As spreadsheets name them: A, B, ... Z, AA.
std::string letters_of(std::size_t column) {
    constexpr std::size_t k_letters = 26;
    std::string letters;
    for (++column; column > 0; column = (column - 1) / k_letters)
        letters.insert(letters.begin(), static_cast<char>('A' + (column - 1) % k_letters));
    return letters;
}

std::string_view cell_of(const std::vector<std::string>& row, std::size_t place) {
    return place < row.size() ? trimmed(row[place]) : std::string_view{};
}

Unexpected no_column(const Column& column, std::size_t row) {
    std::string names;
    for (const auto name : column.names) {
        if (!name.empty())
            names += (names.empty() ? "" : ", ") + std::string(name);
    }
    return fail(Errc::invalid, "there is no column " + std::string(column.name) + " in row " +
                                   std::to_string(row + 1) + ": name one of its columns so (" +
                                   names + ")");
}

// One that is there twice is one where both say the same in every row.
Result<std::size_t> place_of(const Column& column, const Cells& cells, std::size_t head) {
    const auto places = places_of(column, cells[head]);
    if (places.empty())
        return no_column(column, head);
    for (std::size_t other = 1; other < places.size(); ++other) {
        for (std::size_t row = head + 1; row < cells.size(); ++row) {
            const auto one = cell_of(cells[row], places[0]);
            const auto two = cell_of(cells[row], places[other]);
            if (one == two)
                continue;
            return fail(Errc::invalid,
                        "the column " + std::string(column.name) + " is there twice in row " +
                            std::to_string(head + 1) + ", as '" + cells[head][places[0]] + "' in " +
                            letters_of(places[0]) + " and as '" + cells[head][places[other]] +
                            "' in " + letters_of(places[other]) + ", and row " +
                            std::to_string(row + 1) + " has '" + std::string(one) + "' and '" +
                            std::string(two) + "': remove or rename one of them");
        }
    }
    return places[0];
}

// What parts the cells: commas, or as spreadsheets of some countries and "Unicode text" have it.
char comma_of(std::string_view text) {
    constexpr std::string_view k_commas = ",;\t";
    char likely = ',';
    std::size_t most = 0;
    for (std::size_t row = 0; row < k_rows_above_max && !text.empty(); ++row) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        for (const char comma : k_commas) {
            std::vector<std::string> names{""};
            for (const char c : line.substr(0, k_columns_max * k_cell_max)) {
                if (c == comma)
                    names.emplace_back();
                else if (c != '"')
                    names.back().push_back(c);
            }
            if (const auto count = columns_in(names); count > most) {
                most = count;
                likely = comma;
            }
        }
        if (most == k_columns.size())
            break;
    }
    return likely;
}

void append_utf8(std::string& out, std::uint32_t point) {
    const auto tail = [&](unsigned shift) {
        out.push_back(static_cast<char>(0x80U | ((point >> shift) & 0x3FU)));
    };
    if (point < 0x80U) {
        out.push_back(static_cast<char>(point));
    } else if (point < 0x800U) {
        out.push_back(static_cast<char>(0xC0U | (point >> 6U)));
        tail(0);
    } else if (point < 0x10000U) {
        out.push_back(static_cast<char>(0xE0U | (point >> 12U)));
        tail(6);
        tail(0);
    } else {
        out.push_back(static_cast<char>(0xF0U | (point >> 18U)));
        tail(12);
        tail(6);
        tail(0);
    }
}

Result<std::string> from_utf16(std::string_view bytes, bool little) {
    constexpr std::uint32_t k_high = 0xD800;
    constexpr std::uint32_t k_low = 0xDC00;
    constexpr std::uint32_t k_over = 0xE000;
    const auto broken = [] {
        return fail(Errc::invalid, "it is no whole text of UTF-16: save it anew, as CSV in UTF-8");
    };
    if (bytes.size() % 2 != 0)
        return broken();
    const auto unit = [&](std::size_t at) {
        const auto one = static_cast<unsigned char>(bytes[at]);
        const auto two = static_cast<unsigned char>(bytes[at + 1]);
        return static_cast<std::uint32_t>(little ? one | two << 8U : one << 8U | two);
    };
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        auto point = unit(at);
        if (point >= k_high && point < k_over) {
            at += 2;
            if (point >= k_low || at >= bytes.size() || unit(at) < k_low || unit(at) >= k_over)
                return broken();
            point = 0x10000U + ((point - k_high) << 10U) + (unit(at) - k_low);
        }
        append_utf8(out, point);
    }
    return out;
}

}  // namespace

Result<std::string> utf8_of(std::string_view text) {
    constexpr std::string_view k_mark = "\xEF\xBB\xBF";
    constexpr std::string_view k_little = "\xFF\xFE";
    constexpr std::string_view k_big = "\xFE\xFF";
    if (text.starts_with(k_little) || text.starts_with(k_big))
        return from_utf16(text.substr(2), text.starts_with(k_little));
    if (text.starts_with(k_mark))
        text.remove_prefix(k_mark.size());
    return std::string(text);
}

Result<Cells> cells_of_csv(std::string_view text) {
    BULLPEN_TRY(const auto plain, utf8_of(text));
    if (plain.find('\0') != std::string::npos)
        return fail(Errc::invalid, "it is no text of UTF-8: save it anew, as CSV in UTF-8");
    return CsvReader(plain, comma_of(plain)).read();
}

// A list of objects, or an object that has one as `signals`.
Result<Cells> cells_of_json(std::string_view text) {
    const auto document = documents::parse_json(text);
    if (document.is_discarded())
        return fail(Errc::invalid, "it is no JSON");
    const auto& list =
        document.is_object() && document.contains("signals") ? document["signals"] : document;
    if (!list.is_array() || list.size() > k_signal_rows_max)
        return fail(Errc::invalid, "it is no list of signals");
    Cells rows(1);
    for (const auto& object : list) {
        if (!object.is_object())
            return fail(Errc::invalid, "a signal in it is no object");
        for (const auto& [name, value] : object.items()) {
            const bool known = std::find(rows[0].begin(), rows[0].end(), name) != rows[0].end();
            if (!known && rows[0].size() < k_columns_max)
                rows[0].push_back(name);
        }
    }
    for (const auto& object : list) {
        auto& row = rows.emplace_back();
        for (const auto& name : std::vector(rows[0]))
            row.push_back(object.contains(name) ? text_of(object.at(name)) : "");
    }
    if (list.empty()) {
        for (const auto& column : k_columns)
            rows[0].emplace_back(column.name);
    }
    return rows;
}

Result<SignalSheet> signals_of(const Cells& cells) {
    const bool empty = std::all_of(cells.begin(), cells.end(), [](const auto& row) {
        return std::all_of(row.begin(), row.end(),
                           [](const std::string& one) { return trimmed(one).empty(); });
    });
    if (empty)
        return fail(Errc::invalid, "it is empty");
    const auto head = head_of(cells);
    std::array<std::size_t, k_columns.size()> places{};
    for (std::size_t c = 0; c < k_columns.size(); ++c) {
        BULLPEN_TRY(places.at(c), place_of(k_columns.at(c), cells, head));
    }
    SignalSheet sheet;
    for (std::size_t r = head + 1; r < cells.size(); ++r) {
        const auto& row = cells[r];
        const auto cell = [&](std::size_t column) { return cell_of(row, places.at(column)); };
        const bool blank = std::all_of(row.begin(), row.end(),
                                       [](const std::string& one) { return trimmed(one).empty(); });
        if (blank)
            continue;
        Signal signal;
        std::string wrong;
        signal.symbol = symbol_of(cell(0));
        if (!ipc::is_share_symbol(signal.symbol))
            wrong = "Ticker '" + std::string(cell(0)) + "' is no symbol";
        std::array<model::Price*, 3> prices{&signal.entry, &signal.stop, &signal.target};
        for (std::size_t p = 0; p < prices.size() && wrong.empty(); ++p) {
            if (const auto price = price_of(cell(p + 1)))
                *prices.at(p) = *price;
            else
                wrong = std::string(k_columns.at(p + 1).name) + " '" + std::string(cell(p + 1)) +
                        "' is no price";
        }
        if (wrong.empty())
            sheet.signals.push_back(std::move(signal));
        else
            sheet.bad_rows.push_back("row " + std::to_string(r + 1) + ": " + wrong);
    }
    return sheet;
}

Result<SignalSheet> signals_of(const std::vector<Sheet>& sheets) {
    const Sheet* chosen = nullptr;
    for (const auto& sheet : sheets) {
        if (!has_columns(sheet.cells))
            continue;
        if (chosen != nullptr && chosen != &sheets.front()) {
            return fail(Errc::invalid, "the sheets '" + chosen->name + "' and '" + sheet.name +
                                           "' both have the columns of signals: leave one of "
                                           "them, or put it first");
        }
        if (chosen == nullptr)
            chosen = &sheet;
    }
    if (chosen != nullptr && chosen != &sheets.front()) {
        auto read = signals_of(chosen->cells);
        if (!read)
            return fail(std::move(read).error().wrap("sheet '" + chosen->name + "'"));
        for (auto& bad : read->bad_rows)
            bad.insert(0, "sheet '" + chosen->name + "', ");
        return read;
    }
    return signals_of(sheets.empty() ? Cells{} : sheets.front().cells);
}

bool is_cut_short(std::string_view name, std::string_view content) {
    if (!lower(name).ends_with(".csv") || content.empty())
        return false;
    const auto text = utf8_of(content);
    return !text || !text->ends_with('\n');
}

bool is_fresh(UtcTime modified, UtcTime now, Nanos age_max, UtcTime day_before_closed) {
    // A market that is simulated is at another time than the files.
    constexpr Nanos k_live = std::chrono::days(30);
    const bool live = day_before_closed <= now && now - day_before_closed <= k_live;
    return !is_of_future(modified, now) &&
           (now - modified <= age_max || (live && modified >= day_before_closed));
}

bool is_of_future(UtcTime modified, UtcTime now) {
    return modified - now > k_file_clock_slack;
}

Result<SignalSheet> read_signals(std::string_view name, std::string_view content) {
    const auto ending = lower(name.substr(std::min(name.rfind('.'), name.size())));
    const auto of_cells = [](const Result<Cells>& cells) {
        return cells ? signals_of(*cells) : Result<SignalSheet>(fail(cells.error()));
    };
    Result<SignalSheet> sheet =
        fail(Errc::invalid, "its name ends in none of .csv, .json and .xlsx");
    if (ending == ".csv") {
        sheet = of_cells(cells_of_csv(content));
    } else if (ending == ".json") {
        sheet = of_cells(cells_of_json(content));
    } else if (ending == ".xlsx") {
        const auto sheets = sheets_of_xlsx(content);
        sheet = sheets ? signals_of(*sheets) : Result<SignalSheet>(fail(sheets.error()));
    }
    if (!sheet)
        return fail(std::move(sheet).error().wrap("signal file '" + std::string(name) + "'"));
    return sheet;
}

Result<std::optional<InboxFile>> newest_signal_file(const Inbox& inbox, std::string_view prefix,
                                                    UtcTime now) {
    BULLPEN_TRY(const auto names, inbox.names());
    std::optional<InboxFile> newest;
    std::optional<InboxFile> of_future;
    std::vector<std::string> passed_over;
    const auto take = [](std::optional<InboxFile>& best, const std::string& name, UtcTime at) {
        if (!best || at >= best->modified)
            best = InboxFile{name, at, {}};
    };
    for (const auto& name : names) {
        const auto ending =
            lower(std::string_view(name).substr(std::min(name.rfind('.'), name.size())));
        if (!name.starts_with(prefix) || name.starts_with('.') || name.starts_with('~') ||
            (ending != ".csv" && ending != ".json" && ending != ".xlsx"))
            continue;
        const auto status = inbox.status(name);
        if (!status || status->is_directory)
            continue;
        const bool later = is_of_future(status->modified, now);
        take(later ? of_future : newest, name, status->modified);
        if (later)
            passed_over.push_back(name);
    }
    if (!newest)
        return of_future;
    newest->of_future = std::move(passed_over);
    return newest;
}

}  // namespace bullpen::jobs
