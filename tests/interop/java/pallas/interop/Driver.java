package pallas.interop;

import com.amazonaws.athena.connector.lambda.data.Block;
import com.amazonaws.athena.connector.lambda.data.BlockAllocator;
import com.amazonaws.athena.connector.lambda.data.BlockAllocatorImpl;
import com.amazonaws.athena.connector.lambda.data.S3BlockSpillReader;
import com.amazonaws.athena.connector.lambda.data.SchemaBuilder;
import com.amazonaws.athena.connector.lambda.domain.Split;
import com.amazonaws.athena.connector.lambda.domain.TableName;
import com.amazonaws.athena.connector.lambda.domain.predicate.AllOrNoneValueSet;
import com.amazonaws.athena.connector.lambda.domain.predicate.Constraints;
import com.amazonaws.athena.connector.lambda.domain.predicate.EquatableValueSet;
import com.amazonaws.athena.connector.lambda.domain.predicate.OrderByField;
import com.amazonaws.athena.connector.lambda.domain.predicate.Range;
import com.amazonaws.athena.connector.lambda.domain.predicate.SortedRangeSet;
import com.amazonaws.athena.connector.lambda.domain.predicate.ValueSet;
import com.amazonaws.athena.connector.lambda.domain.spill.S3SpillLocation;
import com.amazonaws.athena.connector.lambda.domain.spill.SpillLocation;
import com.amazonaws.athena.connector.lambda.metadata.GetDataSourceCapabilitiesRequest;
import com.amazonaws.athena.connector.lambda.metadata.GetDataSourceCapabilitiesResponse;
import com.amazonaws.athena.connector.lambda.metadata.GetSplitsRequest;
import com.amazonaws.athena.connector.lambda.metadata.GetSplitsResponse;
import com.amazonaws.athena.connector.lambda.metadata.GetTableLayoutRequest;
import com.amazonaws.athena.connector.lambda.metadata.GetTableLayoutResponse;
import com.amazonaws.athena.connector.lambda.metadata.GetTableRequest;
import com.amazonaws.athena.connector.lambda.metadata.GetTableResponse;
import com.amazonaws.athena.connector.lambda.metadata.ListSchemasRequest;
import com.amazonaws.athena.connector.lambda.metadata.ListSchemasResponse;
import com.amazonaws.athena.connector.lambda.metadata.ListTablesRequest;
import com.amazonaws.athena.connector.lambda.metadata.ListTablesResponse;
import com.amazonaws.athena.connector.lambda.records.ReadRecordsRequest;
import com.amazonaws.athena.connector.lambda.records.ReadRecordsResponse;
import com.amazonaws.athena.connector.lambda.records.RecordResponse;
import com.amazonaws.athena.connector.lambda.records.RemoteReadRecordsResponse;
import com.amazonaws.athena.connector.lambda.request.FederationRequest;
import com.amazonaws.athena.connector.lambda.request.FederationResponse;
import com.amazonaws.athena.connector.lambda.request.PingRequest;
import com.amazonaws.athena.connector.lambda.request.PingResponse;
import com.amazonaws.athena.connector.lambda.security.FederatedIdentity;
import com.amazonaws.athena.connector.lambda.serde.VersionedObjectMapperFactory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Calls a connector as Athena does, with the published SDK's request classes and its reader of spilled blocks. A line of standard
 * input is a JSON object that says what to call, the answer a line of standard output:
 *
 * <pre>
 * {"op": "ping|capabilities|schemas|tables|table|scan", "endpoint": URL, "function": NAME, "version": 2..6, "catalog": NAME,
 *  "schema": S, "table": T, "columns": [..], "constraints": [..], "order_by": [..], "limit": N,
 *  "passthrough": {..}, "max_block": BYTES, "max_inline": BYTES, "next_token": .., "page_size": N}
 * </pre>
 *
 * A constraint is {"column": C, "set": "range|equatable|all_or_none", "null_allowed": B} with "ranges" of [low, low inclusive, high,
 * high inclusive] (null: unbounded), "values" and "white_list", or "all". An answer with "error" tells what the connector said.
 */
public final class Driver {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final FederatedIdentity IDENTITY =
      new FederatedIdentity("arn:aws:iam::123456789012:user/interop", "123456789012", Map.of("team", "data"), List.of("group"), Map.of());

  private final HttpClient http = HttpClient.newHttpClient();
  private final BlockAllocator allocator = new BlockAllocatorImpl();
  private final JsonNode command;
  private final ObjectMapper mapper;
  private final String queryId = UUID.randomUUID().toString();
  private final String catalog;

  private Driver(JsonNode command) {
    this.command = command;
    this.mapper = VersionedObjectMapperFactory.create(allocator, command.path("version").asInt(6));
    this.catalog = command.path("catalog").asText("lambda:" + command.path("function").asText());
  }

  /** What a connector answered instead of a response. */
  private static final class Refusal extends Exception {
    final String body;

    Refusal(String body) {
      super(body);
      this.body = body;
    }
  }

  public static void main(String[] arguments) throws Exception {
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      ObjectNode answer;
      Driver driver = new Driver(JSON.readTree(line));
      try {
        answer = driver.run();
      } catch (Refusal refusal) {
        answer = NODES.objectNode();
        answer.put("error", refusal.body);
      } catch (Exception error) {
        answer = NODES.objectNode();
        answer.put("exception", error.toString());
        error.printStackTrace();
      } finally {
        driver.allocator.close();
      }
      System.out.println(JSON.writeValueAsString(answer));
      System.out.flush();
    }
    System.exit(0);
  }

  private <T extends FederationResponse> T call(FederationRequest request, Class<T> type) throws Exception {
    String url = command.get("endpoint").asText() + "/2015-03-31/functions/" + command.get("function").asText() + "/invocations";
    HttpRequest post =
        HttpRequest.newBuilder(URI.create(url))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(mapper.writeValueAsBytes(request)))
            .build();
    HttpResponse<byte[]> response = http.send(post, HttpResponse.BodyHandlers.ofByteArray());
    if (response.statusCode() != 200 || response.headers().firstValue("X-Amz-Function-Error").isPresent()) {
      throw new Refusal(response.statusCode() + " " + new String(response.body(), StandardCharsets.UTF_8));
    }
    return type.cast(mapper.readValue(response.body(), FederationResponse.class));
  }

  private ObjectNode run() throws Exception {
    ObjectNode answer = NODES.objectNode();
    switch (command.get("op").asText()) {
      case "ping" -> {
        PingResponse response = call(new PingRequest(IDENTITY, catalog, queryId), PingResponse.class);
        answer.put("catalog", response.getCatalogName());
        answer.put("query_id_returned", queryId.equals(response.getQueryId()));
        answer.put("source_type", response.getSourceType());
        answer.put("capabilities", response.getCapabilities());
        answer.put("serde_version", response.getSerDeVersion());
      }
      case "capabilities" -> {
        ObjectNode all = answer.putObject("capabilities");
        call(new GetDataSourceCapabilitiesRequest(IDENTITY, queryId, catalog), GetDataSourceCapabilitiesResponse.class)
            .getCapabilities()
            .forEach(
                (key, types) -> {
                  ArrayNode list = all.putArray(key);
                  types.forEach(type -> list.addArray().add(type.getSubType()).add(JSON.valueToTree(type.getProperties())));
                });
      }
      case "schemas" ->
          answer.set(
              "schemas",
              JSON.valueToTree(call(new ListSchemasRequest(IDENTITY, queryId, catalog), ListSchemasResponse.class).getSchemas()));
      case "tables" -> {
        ListTablesResponse response =
            call(
                new ListTablesRequest(
                    IDENTITY,
                    queryId,
                    catalog,
                    command.get("schema").asText(),
                    command.hasNonNull("next_token") ? command.get("next_token").asText() : null,
                    command.path("page_size").asInt(ListTablesRequest.UNLIMITED_PAGE_SIZE_VALUE)),
                ListTablesResponse.class);
        ArrayNode tables = answer.putArray("tables");
        response.getTables().forEach(table -> tables.add(table.getSchemaName() + "." + table.getTableName()));
        answer.put("next_token", response.getNextToken());
      }
      case "table" -> describe(table(), answer);
      case "scan" -> scan(answer);
      default -> throw new IllegalArgumentException("op " + command.get("op"));
    }
    return answer;
  }

  private Map<String, String> passthrough() {
    Map<String, String> result = new LinkedHashMap<>();
    command.path("passthrough").properties().forEach(entry -> result.put(entry.getKey(), entry.getValue().asText()));
    return result;
  }

  private GetTableResponse table() throws Exception {
    TableName name = new TableName(command.get("schema").asText(), command.get("table").asText());
    return call(new GetTableRequest(IDENTITY, queryId, catalog, name, passthrough()), GetTableResponse.class);
  }

  private static void describe(GetTableResponse table, ObjectNode answer) {
    answer.put("table", table.getTableName().getSchemaName() + "." + table.getTableName().getTableName());
    ArrayNode columns = answer.putArray("columns");
    for (Field field : table.getSchema().getFields()) {
      columns.add(field.toString());
    }
    answer.set("partition_columns", JSON.valueToTree(table.getPartitionColumns()));
    answer.set("metadata", JSON.valueToTree(table.getSchema().getCustomMetadata()));
  }

  private void scan(ObjectNode answer) throws Exception {
    GetTableResponse table = table();
    Schema schema = project(table.getSchema());
    Set<String> partitionColumns = table.getPartitionColumns();
    Constraints constraints = constraints(table.getSchema());
    GetTableLayoutResponse layout =
        call(
            new GetTableLayoutRequest(IDENTITY, queryId, catalog, table.getTableName(), constraints, table.getSchema(), partitionColumns),
            GetTableLayoutResponse.class);
    answer.put("partitions", layout.getPartitions().getRowCount());
    ArrayNode rows = answer.putArray("rows");
    int splits = 0;
    int pages = 0;
    int spilled = 0;
    int inline = 0;
    boolean encrypted = false;
    String token = null;
    do {
      GetSplitsResponse page =
          call(
              new GetSplitsRequest(
                  IDENTITY,
                  queryId,
                  catalog,
                  table.getTableName(),
                  layout.getPartitions(),
                  new ArrayList<>(partitionColumns),
                  constraints,
                  token),
              GetSplitsResponse.class);
      pages += 1;
      for (Split split : page.getSplits()) {
        splits += 1;
        encrypted |= split.getEncryptionKey() != null;
        RecordResponse response =
            call(
                new ReadRecordsRequest(
                    IDENTITY,
                    catalog,
                    queryId,
                    table.getTableName(),
                    schema,
                    split,
                    constraints,
                    command.path("max_block").asLong(16_000_000),
                    command.path("max_inline").asLong(3_465_000)),
                RecordResponse.class);
        if (response instanceof ReadRecordsResponse records) {
          inline += 1;
          addRows(records.getRecords(), rows);
          continue;
        }
        RemoteReadRecordsResponse remote = (RemoteReadRecordsResponse) response;
        try (S3Client s3 = S3Client.create()) {
          S3BlockSpillReader reader = new S3BlockSpillReader(s3, allocator);
          for (SpillLocation location : remote.getRemoteBlocks()) {
            spilled += 1;
            try (Block block = reader.read((S3SpillLocation) location, remote.getEncryptionKey(), remote.getSchema())) {
              addRows(block, rows);
            }
          }
        }
      }
      token = page.getContinuationToken();
    } while (token != null);
    answer.put("splits", splits);
    answer.put("pages", pages);
    answer.put("inline", inline);
    answer.put("spilled", spilled);
    answer.put("encrypted", encrypted);
  }

  private Schema project(Schema schema) {
    if (!command.has("columns")) {
      return schema;
    }
    List<Field> fields = new ArrayList<>();
    command.get("columns").forEach(column -> fields.add(schema.findField(column.asText())));
    return new Schema(fields, schema.getCustomMetadata());
  }

  private Constraints constraints(Schema schema) {
    Map<String, ValueSet> summary = new LinkedHashMap<>();
    for (JsonNode constraint : command.path("constraints")) {
      String column = constraint.get("column").asText();
      summary.put(column, valueSet(constraint, schema.findField(column).getType()));
    }
    List<OrderByField> order = new ArrayList<>();
    for (JsonNode field : command.path("order_by")) {
      order.add(new OrderByField(field.get(0).asText(), OrderByField.Direction.valueOf(field.get(1).asText())));
    }
    return new Constraints(
        summary, List.of(), order, command.path("limit").asLong(Constraints.DEFAULT_NO_LIMIT), passthrough(), null);
  }

  private ValueSet valueSet(JsonNode constraint, ArrowType type) {
    boolean nullAllowed = constraint.path("null_allowed").asBoolean(false);
    switch (constraint.get("set").asText()) {
      case "range" -> {
        SortedRangeSet.Builder set = SortedRangeSet.newBuilder(type, nullAllowed);
        for (JsonNode range : constraint.get("ranges")) {
          set.add(range(range, type));
        }
        return set.build();
      }
      case "equatable" -> {
        EquatableValueSet.Builder set =
            EquatableValueSet.newBuilder(allocator, type, constraint.path("white_list").asBoolean(true), nullAllowed);
        constraint.get("values").forEach(value -> set.add(value(value, type)));
        return set.build();
      }
      default -> {
        return new AllOrNoneValueSet(type, constraint.get("all").asBoolean(), nullAllowed);
      }
    }
  }

  private Range range(JsonNode range, ArrowType type) {
    JsonNode low = range.get(0);
    JsonNode high = range.get(2);
    if (low.isNull() && high.isNull()) {
      return Range.all(allocator, type);
    }
    if (low.isNull()) {
      return range.get(3).asBoolean()
          ? Range.lessThanOrEqual(allocator, type, value(high, type))
          : Range.lessThan(allocator, type, value(high, type));
    }
    if (high.isNull()) {
      return range.get(1).asBoolean()
          ? Range.greaterThanOrEqual(allocator, type, value(low, type))
          : Range.greaterThan(allocator, type, value(low, type));
    }
    return Range.range(allocator, type, value(low, type), range.get(1).asBoolean(), value(high, type), range.get(3).asBoolean());
  }

  private static Object value(JsonNode node, ArrowType type) {
    return switch (type.getTypeID()) {
      case Bool -> node.asBoolean();
      case Int -> ((ArrowType.Int) type).getBitWidth() == 64 ? (Object) node.asLong() : (Object) node.asInt();
      case FloatingPoint -> node.asDouble();
      case Decimal -> new BigDecimal(node.asText());
      case Date -> type.equals(new ArrowType.Date(org.apache.arrow.vector.types.DateUnit.DAY))
          ? (Object) node.asInt()
          : (Object) LocalDateTime.parse(node.asText());
      default -> node.asText();
    };
  }

  private static void addRows(Block block, ArrayNode rows) {
    for (int row = 0; row < block.getRowCount(); ++row) {
      ObjectNode node = rows.addObject();
      for (FieldVector vector : block.getFieldVectors()) {
        node.set(vector.getName(), toJson(vector.getObject(row)));
      }
    }
  }

  /** Numbers and dates as text, so that nothing is rounded on the way. */
  private static JsonNode toJson(Object value) {
    if (value == null) {
      return NODES.nullNode();
    }
    if (value instanceof Boolean flag) {
      return NODES.booleanNode(flag);
    }
    if (value instanceof byte[] bytes) {
      return NODES.textNode(HexFormat.of().formatHex(bytes));
    }
    if (value instanceof BigDecimal decimal) {
      return NODES.textNode(decimal.toPlainString());
    }
    if (value instanceof LocalDateTime time) {
      return NODES.textNode(DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time));
    }
    if (value instanceof List<?> list) {
      ArrayNode array = NODES.arrayNode();
      list.forEach(element -> array.add(toJson(element)));
      return array;
    }
    if (value instanceof Map<?, ?> map) {
      ObjectNode object = NODES.objectNode();
      map.forEach((key, element) -> object.set(key.toString(), toJson(element)));
      return object;
    }
    return NODES.textNode(value.toString());
  }
}
