// The sheets of an .xlsx workbook (ECMA-376) as texts. minizip opens the archive, pugixml
// reads the parts; nothing is written and no formula is reckoned: the value that was saved with it
// counts.
#include <unzip.h>

#include <algorithm>
#include <map>
#include <memory>
#include <pugixml.hpp>

#include "common/base/errc.hpp"
#include "worker/jobs/signal_file.hpp"

namespace bullpen::jobs {

namespace {

// Of one part, unpacked: an archive may be a bomb.
constexpr ZPOS64_T k_part_size_max = 32ULL * 1024 * 1024;
constexpr std::size_t k_columns_max = 200;
constexpr std::size_t k_strings_max = 500'000;
constexpr std::size_t k_sheets_max = 100;
// Of one cell; the rest of a longer one, which is no name and no number, is left away.
constexpr std::size_t k_cell_max = 1000;
// Of all cells: a text that is in the file once may be that of many.
constexpr std::size_t k_sheet_size_max = 32UL * 1024 * 1024;

// The bytes of an archive as minizip reads files.
struct Bytes {
    std::string_view all;
    std::size_t at = 0;
};
Bytes& bytes_of(voidpf stream) {
    return *static_cast<Bytes*>(stream);
}
voidpf open_bytes(voidpf bytes, const void* /*name*/, int /*mode*/) {
    return bytes;
}
uLong read_bytes(voidpf /*opaque*/, voidpf stream, void* out, uLong size) {
    auto& bytes = bytes_of(stream);
    const auto some = bytes.all.substr(bytes.at, size);
    std::copy(some.begin(), some.end(), static_cast<char*>(out));
    bytes.at += some.size();
    return some.size();
}
ZPOS64_T tell_bytes(voidpf /*opaque*/, voidpf stream) {
    return bytes_of(stream).at;
}
long seek_bytes(voidpf /*opaque*/, voidpf stream, ZPOS64_T offset, int origin) {
    auto& bytes = bytes_of(stream);
    ZPOS64_T from = 0;
    if (origin == ZLIB_FILEFUNC_SEEK_CUR)
        from = bytes.at;
    else if (origin == ZLIB_FILEFUNC_SEEK_END)
        from = bytes.all.size();
    if (offset > bytes.all.size() || from + offset > bytes.all.size())
        return -1;
    bytes.at = from + offset;
    return 0;
}
int close_bytes(voidpf /*opaque*/, voidpf /*stream*/) {
    return 0;
}
int error_of_bytes(voidpf /*opaque*/, voidpf /*stream*/) {
    return 0;
}

struct CloseArchive {
    void operator()(void* archive) const { (void)unzClose(archive); }
};
using Archive = std::unique_ptr<void, CloseArchive>;

Unexpected odd(const std::string& what) {
    return fail(Errc::invalid, "it is no .xlsx workbook: " + what);
}

// `bytes` outlives it.
Result<Archive> open_archive(Bytes* bytes) {
    zlib_filefunc64_def functions{};
    functions.zopen64_file = &open_bytes;
    functions.zread_file = &read_bytes;
    functions.ztell64_file = &tell_bytes;
    functions.zseek64_file = &seek_bytes;
    functions.zclose_file = &close_bytes;
    functions.zerror_file = &error_of_bytes;
    functions.opaque = bytes;
    Archive archive(unzOpen2_64("", &functions));
    if (archive == nullptr)
        return odd("it is no archive");
    return archive;
}

Result<std::string> part(void* archive, const std::string& name) {
    if (unzLocateFile(archive, name.c_str(), 1) != UNZ_OK)
        return odd("it has no " + name);
    unz_file_info64 facts{};
    if (unzGetCurrentFileInfo64(archive, &facts, nullptr, 0, nullptr, 0, nullptr, 0) != UNZ_OK)
        return odd(name + " in it cannot be read");
    if (facts.uncompressed_size > k_part_size_max)
        return fail(Errc::too_large, name + " in it is too large");
    if (unzOpenCurrentFile(archive) != UNZ_OK)
        return odd(name + " in it cannot be read");
    std::string text(facts.uncompressed_size, '\0');
    const auto got = unzReadCurrentFile(archive, text.data(), static_cast<unsigned>(text.size()));
    // What was packed has a checksum, which closing compares.
    const bool whole = unzCloseCurrentFile(archive) == UNZ_OK && got >= 0 &&
                       static_cast<std::size_t>(got) == text.size();
    if (!whole)
        return odd(name + " in it cannot be read");
    return text;
}

Result<std::unique_ptr<pugi::xml_document>> parsed(void* archive, const std::string& name) {
    BULLPEN_TRY(const auto text, part(archive, name));
    auto document = std::make_unique<pugi::xml_document>();
    if (!document->load_buffer(text.data(), text.size()))
        return odd(name + " in it is no XML");
    return document;
}

// Names without the prefix of their namespace: some programs write <x:row> where others have <row>.
std::string_view local(std::string_view name) {
    const auto colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}
pugi::xml_node child(const pugi::xml_node& node, std::string_view name) {
    for (const auto& one : node.children()) {
        if (local(one.name()) == name)
            return one;
    }
    return {};
}
// Of a relation: the attribute that has a prefix, whatever it is.
std::string relation_of(const pugi::xml_node& sheet) {
    for (const auto& one : sheet.attributes()) {
        const std::string_view name = one.name();
        if (name != "id" && local(name) == "id")
            return one.value();
    }
    return {};
}

// All <t> below: a text may come in runs of several formats.
std::string text_below(const pugi::xml_node& node) {
    std::string text;
    for (const auto& one : node.children()) {
        const auto name = local(one.name());
        if (name == "t")
            text += one.text().get();
        else if (name == "r")
            text += child(one, "t").text().get();
    }
    return text;
}

Result<std::vector<std::string>> shared_strings(void* archive) {
    std::vector<std::string> strings;
    if (unzLocateFile(archive, "xl/sharedStrings.xml", 1) != UNZ_OK)
        return strings;
    BULLPEN_TRY(const auto document, parsed(archive, "xl/sharedStrings.xml"));
    for (const auto& item : child(*document, "sst").children()) {
        if (local(item.name()) != "si")
            continue;
        if (strings.size() >= k_strings_max)
            return fail(Errc::too_large, "it has too many texts");
        strings.push_back(text_below(item).substr(0, k_cell_max));
    }
    return strings;
}

// Where the sheets lie: the workbook names them in their order, its relations say where they are.
struct Place {
    std::string name;
    std::string part;
};
Result<std::vector<Place>> places_of_sheets(void* archive) {
    BULLPEN_TRY(const auto workbook, parsed(archive, "xl/workbook.xml"));
    BULLPEN_TRY(const auto relations, parsed(archive, "xl/_rels/workbook.xml.rels"));
    std::map<std::string, std::string> targets;
    for (const auto& one : child(*relations, "Relationships").children())
        targets[one.attribute("Id").value()] = one.attribute("Target").value();
    std::vector<Place> places;
    for (const auto& sheet : child(child(*workbook, "workbook"), "sheets").children()) {
        const auto found = targets.find(relation_of(sheet));
        if (local(sheet.name()) != "sheet" || found == targets.end() || found->second.empty())
            continue;
        if (places.size() >= k_sheets_max)
            return fail(Errc::too_large, "it has too many sheets");
        const auto& target = found->second;
        places.push_back({std::string(sheet.attribute("name").value()).substr(0, k_cell_max),
                          target.starts_with('/') ? target.substr(1) : "xl/" + target});
    }
    if (places.empty())
        return odd("it has no sheet");
    return places;
}

// "C7" -> 2; none for what is no place.
std::optional<std::size_t> column_of(std::string_view place) {
    constexpr std::size_t k_letters = 26;
    std::size_t column = 0;
    for (const char c : place) {
        if (c < 'A' || c > 'Z')
            break;
        column = column * k_letters + static_cast<std::size_t>(c - 'A') + 1;
        if (column > k_columns_max)
            return std::nullopt;
    }
    return column == 0 ? std::nullopt : std::optional(column - 1);
}

std::string value_of(const pugi::xml_node& cell, const std::vector<std::string>& strings) {
    const std::string_view type = cell.attribute("t").value();
    if (type == "inlineStr")
        return text_below(child(cell, "is"));
    const auto value = child(cell, "v").text();
    if (type != "s")
        return value.get();
    const auto index = value.as_ullong(strings.size());
    return index < strings.size() ? strings[index] : "";
}

Result<std::vector<std::string>> row_of(const pugi::xml_node& row,
                                        const std::vector<std::string>& strings,
                                        std::size_t& size) {
    std::vector<std::string> cells;
    for (const auto& cell : row.children()) {
        if (local(cell.name()) != "c")
            continue;
        // Empty cells are left out, and a place may be, too.
        const std::string_view place = cell.attribute("r").value();
        const auto column = place.empty() ? std::optional(cells.size()) : column_of(place);
        if (!column || *column >= k_columns_max)
            continue;
        cells.resize(std::max(cells.size(), *column + 1));
        cells[*column] = value_of(cell, strings).substr(0, k_cell_max);
        size += cells[*column].size();
        if (size > k_sheet_size_max)
            return fail(Errc::too_large, "more text than a signal file may have");
    }
    return cells;
}

// Each row at its place, so that it is told by the number that people see.
Result<Cells> cells_of(const pugi::xml_node& sheet, const std::vector<std::string>& strings,
                       std::size_t& size) {
    Cells rows;
    std::size_t place = 0;
    for (const auto& row : child(child(sheet, "worksheet"), "sheetData").children()) {
        if (local(row.name()) != "row")
            continue;
        place = row.attribute("r").as_ullong(place + 1);
        BULLPEN_TRY(auto cells, row_of(row, strings, size));
        const bool empty = std::all_of(cells.begin(), cells.end(),
                                       [](const std::string& one) { return one.empty(); });
        if (empty)
            continue;
        if (place == 0 || place > k_signal_rows_max + 1)
            return fail(Errc::too_large, "more rows than a signal file may have");
        rows.resize(std::max(rows.size(), static_cast<std::size_t>(place)));
        rows[place - 1] = std::move(cells);
    }
    return rows;
}

}  // namespace

Result<std::vector<Sheet>> sheets_of_xlsx(std::string_view bytes) {
    Bytes source{bytes};
    BULLPEN_TRY(const auto archive, open_archive(&source));
    BULLPEN_TRY(const auto strings, shared_strings(archive.get()));
    BULLPEN_TRY(const auto places, places_of_sheets(archive.get()));
    std::vector<Sheet> sheets;
    std::size_t size = 0;
    for (const auto& place : places) {
        BULLPEN_TRY(const auto sheet, parsed(archive.get(), place.part));
        auto cells = cells_of(*sheet, strings, size);
        if (!cells)
            return fail(std::move(cells).error().wrap("sheet '" + place.name + "'"));
        sheets.push_back({place.name, std::move(*cells)});
    }
    return sheets;
}

}  // namespace bullpen::jobs
